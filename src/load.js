// The first script of `index.html`, on its own because the second one is most of the page: the files of the app are asked
// for as soon as the first bytes of the page are here. What becomes of them is for `src/start.js`.
const files = Promise.all([import("{{js}}"), fetch("{{wasm}}", { integrity: "{{wasm_integrity}}" })]);
// Whatever fails before that runs must not reach the console: it would come with the page's address, and that holds the code.
files.catch(() => {});
