// The page in a frame of another origin: it answers its parent, and nobody else.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { SITE } from "./lib/env.mjs";
import { serve } from "./lib/server.mjs";
import { open } from "./lib/browser.mjs";
import { stage } from "./lib/stage.mjs";

const host = (address) => `<!doctype html><title>host</title><link rel="icon" href="data:,">
<iframe id="lab" src="${address}#/lab?mode=embed&level=explain&v=1" width="1200" height="700"></iframe>
<iframe id="other" srcdoc="<!doctype html><title>other</title>"></iframe>
<script>
  const heard = [];
  const waiting = new Map();
  let serial = 0;
  addEventListener("message", ({ source, data }) => {
    if (source !== document.getElementById("lab").contentWindow || data.exitless !== 1) return;
    heard.push(data);
    waiting.get(data.id)?.(data);
  });
  const ask = (type, fields) => new Promise((resolve) => {
    const id = "q" + ++serial;
    waiting.set(id, resolve);
    document.getElementById("lab").contentWindow.postMessage({ exitless: 1, type, id, ...fields }, "*");
  });
</script>`;

describe("an embed in a page of another origin", () => {
  let browser, site, other;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    other = await serve(SITE, { "/host.html": host(site.url) });
  });
  after(async () => {
    await other?.close();
  });

  it("answers ping, loads, runs, seeks, reports, and says when it is ready and how high", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(`${other.origin}/host.html`);
    const ask = (type, fields = {}) => page.evaluate(([type, fields]) => ask(type, fields), [type, fields]);
    const pong = await ask("ping");
    assert.equal(pong.type, "pong");
    assert.match(pong.build, /^[0-9a-f]{16}$/);
    await page.waitForFunction(() => heard.some((m) => m.type === "ready"), null, { timeout: 20_000 });
    assert.equal((await ask("load", { scenario: "lab", at: "nic:90", level: "explain" })).life, 90);
    const stopped = await ask("run", { until: "exit" });
    assert.equal(stopped.state, "paused");
    const sought = await ask("seek", { at: "nic:103/exit.1" });
    assert.equal(sought.life, 103);
    const running = await ask("run", { speed: "1ms" });
    assert.equal(running.state, "running");
    assert.ok((await ask("pause")).sides[0].time > sought.sides[0].time, "it went on");
    const report = await ask("getReport");
    assert.equal(report.type, "report");
    assert.match(report.link, /^#\/lab\?.*at=/);
    const error = await ask("frobnicate");
    assert.equal(error.type, "error");
    assert.ok(await page.evaluate(() => heard.some((m) => m.type === "height" && m.height > 300)));
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("does not hear another window, nor what is no message of its own", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${other.origin}/host.html`);
    await page.waitForFunction(() => heard.some((m) => m.type === "ready"), null, { timeout: 20_000 });
    const ask = (type, fields = {}) => page.evaluate(([type, fields]) => ask(type, fields), [type, fields]);
    const before = await ask("hash");
    await page.evaluate(() => {
      const target = document.getElementById("lab").contentWindow;
      // From another window than the parent.
      document.getElementById("other").contentWindow.eval(
        `parent.document.getElementById("lab").contentWindow.postMessage({ exitless: 1, type: "seek", id: "x", at: "nic:20" }, "*")`,
      );
      for (const nonsense of [null, 1, "seek", { type: "seek", at: "nic:20" }, { exitless: 2, type: "seek", at: "nic:20" }])
        target.postMessage(nonsense, "*");
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual((await ask("hash")).sides, before.sides);
    assert.ok(!(await page.evaluate(() => heard.some((m) => m.id === "x"))), "nobody was answered");
    await close();
  });

  // What cannot be done is said, once, with the id of who asked.
  const REFUSED = [
    ["a type that is none", "frobnicate", {}, /frobnicate/],
    ["a moment that is none", "seek", { at: "perhaps" }, /perhaps/],
    ["no moment", "seek", {}, /\w/],
    ["an end that is none", "run", { until: "lunch" }, /lunch/],
    ["a level that is none", "set", { key: "level", value: "deep" }, /deep/],
    ["a step that is none", "step", { unit: "mile" }, /mile/],
    ["a knob that is none", "set", { key: "frob", value: "1" }, /frob/],
    ["a knob's value that is none", "set", { key: "exit-cost", value: "cheap" }, /cheap/],
    ["nothing to set", "set", { value: "1" }, /\w/],
    ["a theme that is none", "set", { key: "theme", value: "mauve" }, /mauve/],
    ["a format that is none", "exportTrace", { format: "png" }, /png/],
  ];
  describe("a request that fails is answered by `error` with its id", () => {
    let page, close;
    before(async () => {
      ({ page, close } = await open(browser));
      await page.goto(`${other.origin}/host.html`);
      await page.waitForFunction(() => heard.some((m) => m.type === "ready"), null, { timeout: 20_000 });
    });
    after(() => close?.());

    for (const [name, type, fields, says] of REFUSED)
      it(name, async () => {
        const first = await page.evaluate(([type, fields]) => ask(type, fields), [type, fields]);
        const { id, sides } = await page.evaluate(() => ask("hash", {}));
        const told = await page.evaluate((id) => heard.filter((m) => m.id === id).map(({ type }) => type), first.id);
        assert.deepEqual(told, ["error"]);
        assert.match(first.text, says);
        assert.notEqual(id, first.id);
        assert.equal(sides.length, 2, "the rest lives");
      });

    it("again, when it is asked again", async () => {
      const types = await page.evaluate(async () => {
        const twice = [["seek", { at: "never" }], ["seek", { at: "never" }], ["set", { key: "frobs", value: "1" }], ["set", { key: "frobs", value: "1" }]];
        const said = [];
        for (const [type, fields] of twice) said.push((await ask(type, fields)).type);
        return said;
      });
      assert.deepEqual(types, ["error", "error", "error", "error"]);
    });

    it("and nobody else's: of several asked at once each has its own answer", async () => {
      const types = await page.evaluate(async () => {
        const asked = [["step", { unit: "exit" }], ["seek", { at: "elsewhere" }], ["step", {}], ["run", { until: "lunch" }], ["hash", {}]];
        return (await Promise.all(asked.map(([type, fields]) => ask(type, fields)))).map(({ type }) => type);
      });
      assert.deepEqual(types, ["answer", "error", "answer", "error", "answer"]);
    });
  });

  it("what is asked before the page is ready waits, and is done in its order", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${other.origin}/host.html`); // until the frame's own scripts have run
    const [sought, hashed, stepped, report] = await page.evaluate(() =>
      Promise.all([["seek", { at: "nic:110/raised" }], ["hash", {}], ["step", {}], ["getReport", {}]].map(([type, fields]) => ask(type, fields))));
    assert.equal(sought.life, 110);
    assert.match(hashed.sides[0].hash, /^[0-9a-f]{16}$/);
    assert.equal(hashed.event, sought.event);
    assert.ok(stepped.event > sought.event);
    assert.deepEqual([report.state, report.event], ["paused", stepped.event]);
    await close();
  });
});
