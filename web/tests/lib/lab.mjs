// Drives a page by the protocol that an embedding page uses (web/embed/README.md).

// Until the first picture is there, or the reason why there is none.
export async function ready(page, milliseconds = 30_000) {
  const state = () => {
    if (performance.getEntriesByName("ready").length) return "ready";
    const wrong = document.querySelector("#lab-line.wrong, .notice.wrong");
    return wrong ? wrong.textContent : null;
  };
  const answer = await (await page.waitForFunction(state, null, { timeout: milliseconds })).jsonValue();
  if (answer !== "ready") throw new Error(`the page says: ${answer}`);
}

// Asks and waits for the answer; one that says `error` is thrown.
export async function ask(page, type, fields = {}) {
  const answer = await page.evaluate(([type, fields]) => lab.request(type, fields), [type, fields]);
  if (answer.type === "error") throw new Error(`${type}: ${answer.text}`);
  return answer;
}
