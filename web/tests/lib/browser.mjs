// Chromium, and a page of which everything is noticed: errors, requests, bytes.
import { chromium, CHROMIUM } from "./env.mjs";

const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () =>
  chromium.launch({ executablePath: CHROMIUM, headless: true, chromiumSandbox: false, args: FLAGS });

// A page in a fresh profile. `seen.errors` are what the console and uncaught exceptions said,
// `seen.requests` each address, `seen.bytes` what came over the network for each.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  return { page, context, seen: await watch(page), close: () => context.close() };
}

export async function watch(page) {
  const seen = { errors: [], requests: [], bytes: new Map() };
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => seen.errors.push(String(error.stack ?? error)));
  page.on("request", (request) => seen.requests.push(request.url()));
  const network = await page.context().newCDPSession(page);
  const names = new Map();
  network.on("Network.responseReceived", ({ requestId, response }) => names.set(requestId, response.url));
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const name = names.get(requestId);
    if (name?.startsWith("http")) seen.bytes.set(name, (seen.bytes.get(name) ?? 0) + encodedDataLength);
  });
  await network.send("Network.enable");
  return seen;
}

// Requests that went elsewhere than to `origin`.
export const foreign = (seen, origin) =>
  seen.requests.filter((url) => !url.startsWith(`${origin}/`) && !/^(blob|data|file|about):/.test(url));

// The three widths, both themes, and with still pictures.
export const LOOKS = [360, 800, 1440].flatMap((width) =>
  ["light", "dark"].map((colorScheme) => ({ viewport: { width, height: width < 700 ? 780 : 900 }, colorScheme })),
);
export const STILL = { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" };
export const named = ({ viewport, colorScheme, reducedMotion }) =>
  [viewport.width, colorScheme ?? "light", reducedMotion && "still"].filter(Boolean).join("-");
