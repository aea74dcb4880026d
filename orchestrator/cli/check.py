"""`relance check`: every fault of the configuration."""

import click

from orchestrator.bootstrap import Deployment
from orchestrator.checks import check as find_faults
from orchestrator.cli.terminal import console, counted, deployment, print_json
from orchestrator.domain.errors import RelanceError


@click.command()
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """List every fault of the configuration with its remedy. Exit code 1 when one is an error."""
    place = deployment()
    found = find_faults(place)
    errors = [fault for fault in found if fault.severity == "error"]
    if as_json:
        print_json(found)
    else:
        for fault in found:
            console.print(str(fault), markup=False, soft_wrap=True)
        console.print(f"home {place.settings.home}, campaigns {place.settings.campaigns}", soft_wrap=True)
        console.print(_lanes(place), markup=False, soft_wrap=True)
        console.print(f"{counted(len(errors), 'error')}, {counted(len(found) - len(errors), 'warning')}")
    if errors:
        raise click.exceptions.Exit(1)


def _lanes(place: Deployment) -> str:
    """By which lanes messages leave; the faults of a file that cannot be read are told above."""
    try:
        lanes, real = place.lanes, place.real_lanes
    except RelanceError:
        return "no lane: nothing can leave"
    if not real:
        return "every lane stays on this machine: nothing leaves it"
    told = (f"{lane.id} ({lane.channel.value}, {lane.provider})" for lane in lanes if lane.id in real)
    return f"lanes that reach people: {', '.join(told)}"
