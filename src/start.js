// The one inline script of `index.html`: starts the app, or says why it does not start. `cargo xtask finish` puts the
// names of the files in and this text into the page; the policy of the deployment names its hash.
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

  document.documentElement.dataset.starting = "";
  let app;
  try {
    const files = [import("{{js}}"), fetch("{{wasm}}", { integrity: "{{wasm_integrity}}" })];
    const [module, wasm] = await Promise.all(files);
    await module.default({ module_or_path: wasm });
    app = module;
  } catch {
    return show("not-loaded");
  }
  try {
    app.start();
  } catch {
    // The app's own last resort has spoken.
  }
})();
