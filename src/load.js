// The first script of `index.html`, on its own because the second one is most of the page: the files of the app are asked
// for as soon as the first bytes of the page are here. What becomes of them is for `src/start.js`.
const files = (() => {
  const limited = answer => Promise.race([answer, new Promise((_, fail) => setTimeout(fail, 20000))]);
  // A file that fails, or takes too long, is asked for once more; under another address, since a module that failed stays
  // failed under its own. If the first answer comes after all, it will do.
  const load = ask => {
    const first = ask("");
    return limited(first).catch(() => limited(Promise.any([first, ask("?again")])));
  };
  return Promise.all([
    load(query => import("{{js}}" + query)),
    load(query => fetch("{{wasm}}" + query, { integrity: "{{wasm_integrity}}" })),
  ]);
})();
// Whatever fails before that runs must not reach the console: it would come with the page's address, and that holds the code.
files.catch(() => {});
