// For Netlify, whose `_redirects` match neither file extensions nor methods; see ../../README.md.

// A missing file of another build is a 404: the page in its place, with status 200, would be cached as a script. And a page
// cannot read a POST, which some providers send to the callback: the browser is redirected to the bare page.
export default async (request, context) => {
  if (request.method === "POST") {
    return new Response(null, { status: 303, headers: { Location: "/login/sso_callback" } });
  }
  const response = await context.next();
  const isCallback = new URL(request.url).pathname.startsWith("/login/");
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  return isPage && !isCallback ? new Response(null, { status: 404, headers: { "Cache-Control": "no-store" } }) : response;
};

// Only for the callback and for files with a hash in their name.
export const config = { pattern: "^/(?:login/sso_callback/?|[^/]+-[0-9a-f]{16}\\.(?:css|js|svg|wasm))$" };
