// The dumbest of web servers: a folder under a sub-path, no special header, no type but HTML's.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import path from "node:path";

const MOUNT = "/some/where/";

// Serves a folder, or several by the path that each is to have; `pages` are made-up ones, by path from the root. The
// answer has `url` (of the one folder), `origin` and `close`.
export async function serve(folder, pages = {}) {
  const folders = Object.entries(typeof folder === "string" ? { [MOUNT]: folder } : folder);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const body = await find(folders, pages, decodeURIComponent(pathname));
    const kind = /(\/|\.html)$/.test(pathname) ? "text/html" : /\.m?js$/.test(pathname) ? "text/javascript" : "application/octet-stream";
    response.writeHead(body ? 200 : 404, { "Content-Type": kind });
    response.end(body ?? "not found");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin, url: origin + MOUNT, close };
}

async function find(folders, pages, name) {
  if (Object.hasOwn(pages, name)) return pages[name];
  const [mount, folder] = folders.find(([mount]) => name.startsWith(mount)) ?? [];
  if (!mount) return null;
  const file = path.join(folder, name.slice(mount.length) || "index.html");
  if (!file.startsWith(folder + path.sep)) return null;
  return readFile(file).catch(() => null);
}
