// A reply that is open is its reader's: taken, renewed every three minutes, given back on leaving. Words are checked while typed.
(() => {
  const reply = document.querySelector("[data-reply]");
  if (!reply) return;
  const tell = (act, more) => fetch(`${reply.dataset.reply}/${act}`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ token: reply.dataset.token, ...more }),
    keepalive: act === "release",
  });

  let isMine = "mine" in reply.dataset;
  let isSent = false;
  const take = () => tell("take").then(() => { isMine = true; }).catch(() => {});
  if (isMine || "free" in reply.dataset) {
    if (!isMine) take();
    setInterval(() => { if (!document.hidden) take(); }, 180000);
    addEventListener("submit", () => { isSent = true; });
    addEventListener("pagehide", () => { if (isMine && !isSent) tell("release"); });
  }

  const words = document.getElementById("f-words");
  const channel = document.getElementById("f-channel");
  const place = document.getElementById("check");
  if (!words || !place) return;
  let waiting = 0;
  let asked = 0;
  const check = async () => {
    const turn = ++asked;
    const said = await tell("check", { words: words.value, channel: channel.value });
    if (said.ok && turn === asked) place.innerHTML = await said.text();
  };
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => check().catch(() => {}), 500); };
  words.addEventListener("input", soon);
  channel.addEventListener("change", soon);
  soon();
})();
