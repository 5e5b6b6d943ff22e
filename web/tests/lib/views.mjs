// What each view of the page says, read as a person reads it: from its text.
import { settled } from "./lab.mjs";

// A number as the page writes it, `5 619`; a time in microseconds, `7 845.477 µs`.
export const digits = (text) => Number(text.replace(/\D/g, ""));
export const micros = (text) => Number(/([\d\s\u202f\u00a0]+\.?\d*)[\s\u202f\u00a0]*µs/.exec(text)[1].replace(/[^\d.]/g, ""));
export const vectors = (text) => (text.match(/0x[0-9a-f]+/g) ?? []).map(Number).sort((a, b) => a - b);

// The picture's twin: a list of terms and values.
export const scene = (page, side) =>
  page.locator(".pair > .side").nth(side).locator(".v-scene dl").evaluate((list) =>
    [...list.querySelectorAll("dt")].map((term) => [term.textContent, term.nextElementSibling.textContent]));

// The log's rows.
export const log = (page) =>
  page.locator(".v-log-table tbody tr").evaluateAll((rows) =>
    rows.map((row) => {
      const [event, time, kind, text, life] = [...row.cells].map((cell) => cell.textContent.trim());
      return { event, time, kind, text, life, marked: row.ariaCurrent === "true" };
    }));

// The rows of the timeline's table, which must be open.
export const timeline = (page) =>
  page.locator(".v-timeline .v-twin tbody tr").evaluateAll((rows) =>
    rows.map((row) => {
      const [time, lane, what, event] = [...row.cells].map((cell) => cell.textContent.trim());
      return { time, lane, what, event, marked: row.ariaCurrent === "true" };
    }));

// The code's line that is next, and whose code it is.
export const code = async (page) => ({
  rip: BigInt(`0x${await page.locator(".v-code-table tr[aria-current=true] .v-address").innerText()}`),
  where: await page.locator(".v-code .v-where").innerText(),
});

// The inspector's rows in the tab that is open, by path.
const rows = (page) =>
  page.locator(".p-state").evaluate((panel) => {
    const way = [panel.querySelector("[role=region]").ariaLabel];
    return [...panel.querySelectorAll("tbody tr")].map((row, at) => {
      const depth = Number(row.ariaLevel);
      way.length = depth;
      way.push(row.cells[0].textContent.replace(/^[▸▾] /, ""));
      return { at, path: way.join("/"), open: row.ariaExpanded, value: row.cells[1].firstChild?.textContent ?? "" };
    });
  });

// What the inspector has under a path, `cpu0/registers/RIP`: its tab is chosen and its groups are unfolded.
export async function inspector(page, path) {
  const [tab] = path.split("/");
  const named = page.locator(".p-state .v-tabs button", { hasText: new RegExp(`^${tab}$`) });
  for (const button of await named.all()) {
    await button.click();
    await settled(page);
    if ((await page.locator(".p-state [role=region]").getAttribute("aria-label")) === tab) break;
  }
  for (;;) {
    const all = await rows(page);
    const found = all.filter((row) => path === row.path || path.startsWith(`${row.path}/`)).at(-1);
    if (!found) throw new Error(`the inspector has no ${path}: ${all.map((row) => row.path)}`);
    if (found.open === "false") {
      await page.locator(".p-state tbody tr").nth(found.at).locator("button").click();
      await settled(page);
    } else if (found.path === path && found.open === null) return found.value;
    else if (found.path === path) return Object.fromEntries(all.filter((row) => row.path.startsWith(`${path}/`)).map((row) => [row.path.slice(path.length + 1), row.value]));
    else throw new Error(`the inspector has no ${path}: ${all.map((row) => row.path)}`);
  }
}
