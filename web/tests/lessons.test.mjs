// Lessons in the page: every one held to what its teacher's note claims, by the same Rust as the command line;
// the first one by keyboard alone; and a lesson that is broken.
import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { open } from "./lib/browser.mjs";
import { catalogue, guests } from "./lib/cli.mjs";
import { CLI, GUESTS, library, ROOT } from "./lib/env.mjs";
import { ask, ready, settled } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

const COURSE = 12;
let browser, site;
stage((...made) => ([browser, site] = made));

// A page that shows a lesson, with its machines at the first moment.
async function play(name, options) {
  const opened = await open(browser, options);
  await opened.page.goto(`${site.url}#/${name}`);
  await opened.page.locator("#lesson h2").waitFor();
  await ready(opened.page);
  return opened;
}

// What the checker in the page finds for each way through a lesson that its teacher's note has.
const trials = (page, name) =>
  page.evaluate(async (name) => {
    const player = lab.player;
    const offer = lab.catalogue.lessons.find((lesson) => lesson.name === name);
    const { lesson } = JSON.parse(new TextDecoder().decode(await lab.asset(offer.file)));
    const nothing = { settings: [], journal: [], selections: [], predictions: [], seed: null };
    const solution = lesson.teacher.answers;
    const ways = [["solution", solution], ["untouched", nothing], ["starved", solution, true], ...lesson.teacher.wrong.map((wrong) => [wrong.misconception, wrong.answers])];
    const found = [];
    for (const [way, answers, starved = false] of ways) {
      const { verdict } = await player.check(lesson, answers, { starved });
      const progress = lesson.goal.clauses.findIndex((clause) => clause.progress);
      found.push({ way, moved: verdict.clauses[progress].holds, ...verdict });
    }
    return found;
  }, name);

// The same from the command line, each lesson by the same ways in the same order.
async function claimed() {
  const folder = path.join(ROOT, "examples/lessons");
  const files = (await readdir(folder)).filter((name) => /^\d.*\.md$/.test(name)).map((name) => path.join(folder, name));
  const images = await guests((await catalogue()).scenarios);
  const { stdout } = await promisify(execFile)(CLI, ["lesson", "--guests", images, "check", "--json", ...files], { cwd: ROOT, maxBuffer: 1 << 26 });
  await rm(images, { recursive: true });
  return JSON.parse(stdout);
}

describe("every lesson, in the page as from the command line", () => {
  let page, close, claims;
  const here = [];
  before(async () => {
    ({ page, close } = await play("follow-one-interrupt"));
    claims = claimed();
    claims.catch(() => {}); // Whoever waits for it hears of it.
    const files = await page.evaluate(() => lab.catalogue.lessons.map((lesson) => lesson.number));
    assert.deepEqual(files, Array.from({ length: COURSE }, (_, at) => at + 1));
  });
  after(() => close?.());

  for (let number = 1; number <= COURSE; number++)
    it(`lesson ${number}: solved it passes; untouched, starved and misunderstood it fails, each with its own words`, async () => {
      const name = await page.evaluate((at) => lab.catalogue.lessons[at - 1].name, number);
      const found = await trials(page, name);
      const [solution, untouched, starved, ...wrong] = found;
      assert.equal(solution.passed, true, JSON.stringify(solution));
      assert.deepEqual([untouched.passed, untouched.moved], [false, true], JSON.stringify(untouched));
      assert.deepEqual([starved.passed, starved.moved], [false, false], JSON.stringify(starved));
      assert.ok(wrong.length > 0);
      for (const one of wrong) assert.deepEqual([one.passed, one.misconception], [false, one.way], JSON.stringify(one));
      const said = found.map((one) => one.say);
      assert.equal(new Set(said).size, said.length, said.join("\n"));
      assert.ok(found.every((one) => one.say.length > 20));
      assert.ok(found.every((one) => one.hashes.length > 0 && one.hashes.every(([, hash]) => hash)));
      here.push(...found.map(({ way, moved, ...verdict }) => ({ lesson: name, verdict })));
    });

  it("the command line has run the same machines to the same ends, and says the same of them", async () => {
    const there = (await claims).map(({ lesson, verdict }) => ({ lesson, verdict }));
    assert.ok(there.length > 4 * COURSE - 1, `${there.length} ways`);
    assert.deepEqual(here, there);
  });

  it("with a seed of a student's own the worked solution of the lesson on rates passes, too", async () => {
    const seed = 1 + Math.floor(Math.random() * 1e6);
    const verdict = await page.evaluate(async (seed) => {
      const offer = lab.catalogue.lessons.find((lesson) => lesson.name === "the-cheap-fix");
      const { lesson } = JSON.parse(new TextDecoder().decode(await lab.asset(offer.file)));
      return (await lab.player.check(lesson, { ...lesson.teacher.answers, seed })).verdict;
    }, seed);
    assert.ok(verdict.passed, `seed ${seed}: ${verdict.clauses.filter((clause) => !clause.holds).map((clause) => clause.shown)}`);
  });
});

describe("the player", () => {
  it("lets the first lesson be done by keyboard alone, and hands out a report that the command line passes", async () => {
    const { page, seen, close } = await play("follow-one-interrupt");
    const focused = () => page.evaluate(() => document.activeElement?.closest("label, button")?.textContent ?? "");
    const tabTo = async (wanted) => {
      for (let presses = 0; presses < 90; presses++) {
        if ((await focused()).startsWith(wanted)) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`no way to “${wanted}” by Tab`);
    };
    const press = async (wanted, key = "Enter") => {
      await tabTo(wanted);
      await page.keyboard.press(key);
      await settled(page);
    };
    const keys = async (...pressed) => {
      for (const key of pressed) {
        await page.keyboard.press(key);
        await settled(page);
      }
    };
    const taken = (count) => page.locator(`#lesson .taken li:nth-child(${count})`).waitFor();
    for (let step = 1; step < 6; step++) await press("Continue");
    await press("Not once", "Space");
    await press("The card raises it (left)");
    await keys("]", "m");
    await taken(1);
    await keys("]", "m");
    await taken(2);
    await press("Its handler begins (right)");
    await page.locator("main tr.v-selected .v-kind", { hasText: /^delivered$/ }).waitFor();
    const signedOff = () => page.locator("main tr.v-selected", { hasText: "signs vector" }).count();
    for (let steps = 0; steps < 8 && !(await signedOff()); steps++) await keys(".");
    await keys("m");
    await taken(3);
    await tabTo("Check");
    await page.keyboard.press("Enter");
    await page.locator("#lesson .verdict.right").waitFor();
    assert.match(await page.locator("#lesson .said.wrong").first().innerText(), /The machines say: Twice, or more/);
    assert.match(await page.locator("#lesson .explain").innerText(), /this one interrupt made 2 exits, on the right 0/);
    await tabTo("Download the report");
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    const folder = await mkdtemp(path.join(tmpdir(), "report-"));
    await download.saveAs(path.join(folder, "mine.json"));
    const graded = await promisify(execFile)(CLI, ["lesson", "--guests", GUESTS, "grade", folder, "--csv"], { cwd: ROOT });
    await rm(folder, { recursive: true });
    assert.match(graded.stdout, /^mine\.json,,follow-one-interrupt,yes,yes,yes,/m);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("keeps what was done, in the browser alone, and forgets it when asked to", async () => {
    const { page, close } = await play("the-cheap-fix");
    const step = () => page.locator("#lesson .way-on").innerText();
    await page.locator("#lesson .go-on").click();
    await page.locator("#lesson .go-on").click();
    await page.locator("#lesson .go-on").click();
    await page.locator("#lesson select[name=moderation]").selectOption("fixed:80");
    await ask(page, "pause");
    await page.reload();
    await page.locator("#lesson select[name=moderation]").waitFor();
    await ready(page);
    assert.match(await step(), /Step 4 of/);
    assert.equal(await page.locator("#lesson select[name=moderation]").inputValue(), "fixed:80");
    await page.locator("#lesson .do-check").click();
    await page.locator("#lesson .verdict.right").waitFor();
    await page.getByRole("button", { name: "Start again" }).click();
    assert.match(await step(), /Step 1 of/);
    await close();
  });

  it("is a lecture on Space, in large type and without chrome; and a page of paper", async () => {
    const { page, close } = await play("straight-in");
    await page.getByRole("button", { name: "Lecture" }).click();
    await page.locator("body.lecturing").waitFor();
    const beat = async () => (await page.locator("#lesson .beats").innerText()).match(/(\d+) of (\d+)/).slice(1).map(Number);
    const [first, all] = await beat();
    await page.keyboard.press("Space");
    assert.deepEqual(await beat(), [first + 1, all]);
    const size = await page.locator("#lesson .beat").evaluate((beat) => parseFloat(getComputedStyle(beat).fontSize));
    assert.ok(size >= 18, `${size} px`);
    await page.locator("header.top, .top").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.locator("body:not(.lecturing)").waitFor();
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("#lab").isVisible(), false);
    await close();
  });

  it("tells an untouched start what it lacks, and prints every step, hint and the teacher's note", async () => {
    const { page, seen, close } = await play("straight-in");
    const all = Number(/of (\d+)/.exec(await page.locator("#lesson .way-on").innerText())[1]);
    assert.equal(await page.locator("#lesson .step").count(), 1);
    const hints = await page.evaluate(() => lab.player.playing().lesson.hints.length);
    // What is on the paper when the browser is asked to print.
    await page.emulateMedia({ media: "print" });
    const paper = await page.evaluate(() => {
      const seen = (selector) => [...document.querySelectorAll(selector)].filter((part) => part.checkVisibility()).length;
      let paper = null;
      window.print = () => {
        paper = { steps: seen("#lesson .step"), hints: seen("#lesson .hints li"), teacher: seen("#lesson .teacher dl"), lab: seen("#lab"), buttons: seen("#lesson button:not(.moment)") };
        dispatchEvent(new Event("afterprint"));
      };
      [...document.querySelectorAll("#lesson button")].find((button) => button.textContent === "Print").click();
      return paper;
    });
    assert.deepEqual(paper, { steps: all, hints, teacher: 1, lab: 0, buttons: 0 });
    await page.emulateMedia({ media: "screen" });
    assert.equal(await page.locator("#lesson .step").count(), 1, "afterwards all is as it was");
    for (let step = 1; step < all; step++) await page.locator("#lesson .go-on").click();
    await page.locator("#lesson .do-check").click();
    await page.locator("#lesson .verdict").waitFor();
    const say = await page.evaluate(async () => {
      const { lesson } = lab.player.playing();
      return (await lab.player.check(lesson, { settings: [], journal: [], selections: [], predictions: [], seed: null })).verdict.say;
    });
    assert.ok((await page.locator("#lesson .verdict").innerText()).includes(say), say);
    assert.equal(await page.locator("#lesson .verdict.right").count(), 0);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("makes a run of one's own by another seed, whose report is graded to the same verdict", async () => {
    const { page, seen, close } = await play("straight-in");
    const folder = await mkdtemp(path.join(tmpdir(), "report-"));
    const seed = 1 + Math.floor(Math.random() * 1e6);
    await page.locator("#lesson .seed summary").click();
    await page.locator("#lesson .seed input").fill(`${seed}`);
    await page.locator("#lesson .seed input").press("Tab");
    await settled(page);
    assert.equal((await ask(page, "getReport")).seed, `${seed}`);
    while (await page.locator("#lesson .go-on").count()) await page.locator("#lesson .go-on").click();
    const verdicts = [];
    // With and without what is asked for.
    for (const slot of ["hardware", "guest"]) {
      await page.locator("#lesson select[name=slot]").selectOption(slot);
      await settled(page);
      await page.evaluate(() => (window.former = lab.player.playing().state.result));
      await page.locator("#lesson .do-check").click();
      await page.waitForFunction(() => !lab.player.playing().checking && lab.player.playing().state.result !== window.former);
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#lesson .report").click()]);
      await download.saveAs(path.join(folder, `${slot}.json`));
      const report = JSON.parse(await readFile(path.join(folder, `${slot}.json`), "utf8"));
      assert.equal(report.answers.seed, seed);
      verdicts.push([slot, report.passed ? "yes" : "no"]);
    }
    const { stdout } = await promisify(execFile)(CLI, ["lesson", "--guests", GUESTS, "grade", folder, "--csv"], { cwd: ROOT });
    await rm(folder, { recursive: true });
    console.log(`# seed ${seed}: ${verdicts.join("; ")}`);
    for (const [slot, passed] of verdicts) assert.match(stdout, new RegExp(`^${slot}\\.json,,straight-in,${passed},${passed},yes`, "m"), `seed ${seed}: ${stdout}`);
    assert.deepEqual(verdicts.map(([, passed]) => passed), ["yes", "no"], `seed ${seed}`);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("says what is wrong with a lesson that is dropped, by line and column, and the page lives on", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(site.url);
    await ready(page);
    const text = await readFile(path.join(ROOT, "examples/lessons/01-follow-one-interrupt.md"), "utf8");
    const broken = text.replace('ask = "And on the right?"', 'asks = "And on the right?"');
    await page.evaluate((text) => lab.lesson("broken.md", text), broken);
    const line = broken.split("\n").findIndex((line) => line.startsWith("asks")) + 1;
    await page.locator("#lesson [role=alert]").waitFor();
    assert.match(await page.locator("#lesson [role=alert]").innerText(), new RegExp(`^broken\\.md:${line}:1: .*asks`));
    await ask(page, "step", { unit: "exit" });
    await page.locator("#lesson .close").click();
    await page.evaluate((text) => lab.lesson("mine.md", text), text);
    await page.locator("#lesson h2", { hasText: "Follow one interrupt" }).waitFor();
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("reads well to a machine that reads aloud: no serious violation", async () => {
    const { page, close } = await play("the-bill");
    for (let step = 1; step < 7; step++) if (await page.locator("#lesson .go-on").count()) await page.locator("#lesson .go-on").click();
    await page.locator("#lesson .do-check").click();
    await page.locator("#lesson .verdict").waitFor();
    for (const summary of await page.locator("#lesson summary").all()) await summary.click();
    await page.addScriptTag({ path: library("axe-core/axe.min.js") });
    for (const theme of ["light", "dark"]) {
      await ask(page, "set", { key: "theme", value: theme });
      const { violations } = await page.evaluate(() => axe.run("#lesson"));
      const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      assert.deepEqual(grave.map(({ id, nodes }) => [theme, id, nodes.map((node) => node.html)]), []);
    }
    await close();
  });
});
