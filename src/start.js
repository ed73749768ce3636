// The second script of `index.html`: takes the provider's answer, starts the app, or says why it does not start.
// `cargo xtask finish` puts the boot step in, and both scripts into the page; the policy of the deployment names their
// hashes.
//
// It is silent: whatever it let through to the console would come with the page's address, and that holds the code.
(async () => {
  // Shows one of the page's static messages, and nothing else.
  const show = id => {
    if (document.readyState === "loading") return addEventListener("DOMContentLoaded", () => show(id));
    document.querySelector("main").replaceWith(document.getElementById(id).content);
    document.title = `${document.querySelector("h1").textContent} · Indee Admin`;
    const reload = document.querySelector("button");
    if (reload) reload.onclick = () => location.reload();
  };

  // Another page must not lead a person through a sign-in. `frame-ancestors` says so as well, where headers can be set.
  if (top !== self) return show("framed");
  if (typeof WebAssembly !== "object") return show("no-wasm");

  // First of all: the answer of the provider, if this is one, and the login request.
  // What comes out of it is for the app alone: it is in no variable that anything else on the page can see.
  const boot = "{{boot}}";
  let handedOver;
  try {
    if (location.search) handedOver = boot();
  } catch {
    // The app does it itself.
  }

  document.documentElement.dataset.starting = "";
  let app;
  try {
    const [module, wasm] = await files;
    await module.default({ module_or_path: wasm });
    // The app may be here before the end of the page is, and needs its place there.
    if (document.readyState === "loading") await new Promise(done => addEventListener("DOMContentLoaded", done));
    app = module;
  } catch {
    return show("not-loaded");
  }
  try {
    app.start(handedOver);
  } catch {
    // The app's own last resort has spoken.
  }
})();
