// A sample function for the gateway, a `wasi:http` component in JavaScript: the titles of web pages.
//
// `GET /?of=https://example.org/` answers `{"title":"Example Domain"}`. It asks the page's server, so its deployment has to
// name that one. No page to ask for: 400. A page that cannot be had: 502 and why.

addEventListener('fetch', (event) => event.respondWith(answer(new URL(event.request.url))));

async function answer(url) {
  const page = url.searchParams.get('of');
  if (!/^https?:/.test(page)) return problem(400, 'which page? ?of=https://example.org/');
  try {
    const response = await fetch(page);
    if (!response.ok) return problem(502, `${page} answers with ${response.status}`);
    return Response.json({ title: titleOf(await response.text()) });
  } catch (error) {
    return problem(502, `${page} cannot be had: ${error.message}`);
  }
}

function titleOf(html) {
  return /<title[^>]*>([^<]*)/i.exec(html)?.[1].trim() ?? null;
}

function problem(status, error) {
  return Response.json({ error }, { status });
}
