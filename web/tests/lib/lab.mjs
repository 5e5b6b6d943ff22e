// Drives a page by the protocol that an embedding page uses (web/embed/README.md).

// Until the first picture is there, or the reason why there is none.
export async function shown(page, milliseconds = 30_000) {
  const state = () => {
    if (performance.getEntriesByName("ready").length) return "ready";
    const wrong = document.querySelector("#lab-line.wrong, .notice.wrong");
    return wrong ? wrong.textContent : null;
  };
  const answer = await (await page.waitForFunction(state, null, { timeout: milliseconds })).jsonValue();
  if (answer !== "ready") throw new Error(`the page says: ${answer}`);
}

// Until it is drawn, with what its views have asked for.
export async function ready(page) {
  await shown(page);
  await settled(page);
}

// What is promised, or an error after a while.
function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer in ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Asks and waits for the answer; one that says `error` is thrown.
export async function ask(page, type, fields = {}) {
  const asked = page.evaluate(([type, fields]) => lab.request(type, fields), [type, fields]);
  const answer = await within(120_000, type, asked);
  if (answer.type === "error") throw new Error(`${type}: ${answer.text}`);
  return answer;
}

// Asks the page again and again until what it says, given `arg`, is true. (Playwright's own waiting takes the
// promise of an asynchronous predicate for its answer.)
export async function eventually(page, predicate, arg, milliseconds = 20_000) {
  const end = performance.now() + milliseconds;
  while (!(await page.evaluate(predicate, arg))) {
    if (performance.now() > end) throw new Error(`this did not become true: ${predicate}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Until the page shows what came of everything that it was told so far. (Asking it to pause would cut that short.)
// What it says comes before what it draws, and what it draws may ask for more: a view for its window, a step for the
// next. So it is asked twice.
export async function settled(page) {
  let answer;
  for (let rounds = 0; rounds < 2; rounds++) {
    answer = await ask(page, "subscribe", { events: [] });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  }
  return answer;
}

// Drops files, as [name, bytes], on the machines.
export const drop = (page, ...files) =>
  page.evaluate((files) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
    document.querySelector(".lab").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
  }, files.map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]));
