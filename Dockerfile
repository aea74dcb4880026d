# Relance in a container: the wheel and its locked libraries on a slim Python, run by a user without rights.
#
#     docker build --tag relance .

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/relance
# First what changes seldom: the libraries, each by version and hash.
COPY requirements/run.txt requirements/
RUN /opt/relance/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
        --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY orchestrator orchestrator
COPY channels channels
COPY templates templates
COPY campaigns campaigns
RUN /opt/relance/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/relance /opt/relance
# The home folder: outbox, print folder, webhooks that wait for the database. A new volume takes over its owner.
RUN useradd --system --uid 10001 --home-dir /var/lib/relance --shell /usr/sbin/nologin relance \
    && install --directory --owner relance --group relance --mode 0700 /var/lib/relance
ENV PATH=/opt/relance/bin:$PATH PYTHONUNBUFFERED=1 RELANCE_HOME=/var/lib/relance
USER 10001
WORKDIR /var/lib/relance
CMD ["relance", "check"]
