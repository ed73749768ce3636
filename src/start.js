// The second script of `index.html`: takes the provider's answer, starts the app, or says why it does not start.
// `cargo xtask finish` puts the boot step in, and both scripts into the page; the policy of the deployment names their
// hashes.
//
// It is silent: whatever it let through to the console would come with the page's address, and that holds the code.
(async () => {
  // Shows one of the page's static messages, and nothing else.
  const show = id => {
    if (document.readyState === "loading") return addEventListener("DOMContentLoaded", () => show(id));
    const [message] = document.getElementById(id).content.children;
    // The app's own last resort has spoken.
    if (!message) return;
    document.querySelector("main").replaceWith(message);
    document.title = `${document.querySelector("h1").textContent} · Indee Admin`;
    const reload = document.querySelector("button");
    if (reload) reload.onclick = () => location.reload();
  };

  // Is this the return from a provider? By the rules of `Route::of` and `is_callback`.
  const { pathname, search } = location;
  const parameters = new URLSearchParams(search);
  const isCallback =
    /^\/login\/sso_callback\/?$/.test(pathname) && ["code", "state", "error"].some(name => parameters.has(name));
  // Takes the code out of the address bar and the history, if the boot step cannot.
  const scrub = () => {
    try {
      if (isCallback) history.replaceState(null, "", pathname);
    } catch {
      // The browser does not let the page write the history.
    }
  };

  // Says who is signed in as soon as the answer to the login request does, where the app is not there yet to say it. The
  // app reads the answer for itself; this is a copy of it.
  const welcomed = async (who, response, limit, isLogin) => {
    const copy = (await response).clone();
    const reader = copy.body.getReader();
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    let text = "";
    let size = 0;
    for (let part; !(part = await reader.read()).done; ) {
      size += part.value.length;
      if (size > limit) return;
      text += decoder.decode(part.value, { stream: true });
    }
    // Has the app come, or a message in its place?
    if (!isLogin(copy.status, text + decoder.decode()) || !document.getElementById("completing")) return;
    const page = document.getElementById("signed-in").content;
    page.querySelector("strong").textContent = who;
    document.querySelector("main").replaceChildren(page);
    document.title = `${document.querySelector("h1").textContent} · Indee Admin`;
    // Until that has been painted.
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  };

  // Another page must not lead a person through a sign-in. `frame-ancestors` says so as well, where headers can be set.
  const obstacle = top !== self ? "framed" : typeof WebAssembly !== "object" ? "no-wasm" : "";
  if (obstacle) {
    scrub();
    return show(obstacle);
  }

  const root = document.documentElement;
  root.dataset.starting = isCallback ? "callback" : "page";
  // First of all: the answer of the provider, if this is one, and the login request.
  // What comes out of it is for the app alone: it is in no variable that anything else on the page can see.
  const boot = "{{boot}}";
  let handedOver, welcome;
  if (isCallback) {
    document.title = "Completing sign-in · Indee Admin";
    // The app counts from the same start.
    setTimeout(() => (root.dataset.slow = ""), 8000 - performance.now());
    try {
      const [taken = [], isLogin] = boot();
      const [forTheApp, who, response, limit] = taken;
      handedOver = forTheApp;
      // Lives of tokens count from when the answer came, however late the app is (`RECEIVED` in `src/browser/fetch.rs`).
      const sent = forTheApp?.[3];
      sent?.[0].then(() => (sent[3] = Date.now()), () => {});
      if (who) welcome = welcomed(who, response, limit, isLogin).catch(() => {});
    } catch {
      // The app does it itself, with the query that is in the URL no more.
      scrub();
      handedOver = search.slice(1);
    }
  }

  let app;
  try {
    const [module, wasm] = await files;
    await module.default({ module_or_path: wasm });
    // The app may be here before the end of the page is, and needs its place there.
    if (document.readyState === "loading") await new Promise(done => addEventListener("DOMContentLoaded", done));
    // To start the app keeps the page busy for longer than a quick answer takes: that is shown first.
    if (welcome) await Promise.race([welcome, new Promise(done => setTimeout(done, 100))]);
    app = module;
  } catch {
    return show("not-loaded");
  }
  try {
    app.start(handedOver);
  } catch {
    app.stop();
  }
})();
