// <exitless-lab> in a page of another origin, whose server sends no header for it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { SITE } from "./lib/env.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { serve } from "./lib/server.mjs";
import { stage } from "./lib/stage.mjs";

describe("the element in a page of another origin", () => {
  let browser, site, other;
  const pages = {};
  stage((...made) => ([browser, site] = made));
  before(async () => {
    other = await serve(SITE, pages);
  });
  after(() => other?.close());

  // A page of the other origin with such an element in it.
  const host = async (test, attributes, around = "") => {
    pages["/host.html"] = `<!doctype html><title>host</title><link rel="icon" href="data:,">
      <script src="${site.url}embed/exitless-lab.classic.js"></script>${around}
      <exitless-lab ${attributes}></exitless-lab>
      <script>
        const lab = document.querySelector("exitless-lab");
        const heard = [];
        for (const type of ["ready", "state", "event", "report", "error", "height"])
          lab.addEventListener(type, ({ detail }) => heard.push(detail));
      </script>`;
    const opened = await open(browser);
    test.after(opened.close);
    await opened.page.goto(`${other.origin}/host.html`);
    const call = (method, ...given) => opened.page.evaluate(([method, given]) => lab[method](...given), [method, given]);
    const shown = () => opened.page.evaluate(() => lab.ready.then(() => {}));
    const inside = opened.page.frameLocator("exitless-lab iframe");
    return { ...opened, call, shown, inside };
  };

  it("answers, loads, runs, seeks, steps, reports, and says so when a request fails", async (test) => {
    const { page, seen, call, shown } = await host(test, `scenario="lab" at="nic:90" level="explain"`);
    assert.match((await call("ping")).build, /^[0-9a-f]{16}$/);
    await shown();
    const begun = await call("getReport");
    assert.deepEqual([begun.scenario, begun.life, begun.state], ["lab", 90, "paused"]);
    assert.equal((await call("run", { until: "exit" })).state, "paused");
    const sought = await call("seek", "nic:103/exit.1");
    assert.equal(sought.life, 103);
    assert.ok((await call("step", "exit")).sides[0].exits > sought.sides[0].exits);
    const back = await call("stepBack", "exit");
    assert.deepEqual([back.sides[0].time, back.event], [sought.sides[0].time, sought.event]);
    assert.equal((await call("run", { speed: "1ms" })).state, "running");
    assert.ok((await call("pause")).sides[0].time > sought.sides[0].time, "it went on");
    assert.equal((await call("load", { scenario: "lab", at: "nic:95", level: "explain" })).life, 95);
    const wrong = await page.evaluate(() => lab.ask("frobnicate").then(() => "answered", (error) => error.message));
    assert.match(wrong, /frobnicate/);
    assert.ok(await page.evaluate(() => ["ready", "state", "height"].every((type) => heard.some((said) => said.type === type))));
    await page.evaluate(() => lab.setAttribute("at", "nic:97"));
    assert.equal((await call("getReport")).life, 97);
    assert.deepEqual(seen.errors, []);
  });

  it("tells of each event once it is asked to, and not before", async (test) => {
    const { page, call, shown } = await host(test, `scenario="lab" at="nic:103/raised" level="explain"`);
    await shown();
    const told = () => page.evaluate(() => heard.filter(({ type }) => type === "event").map(({ event }) => event));
    await call("step", "event");
    assert.deepEqual(await told(), []);
    await call("subscribe", ["event"]);
    const { event: first } = await call("step", "event");
    const { event: second } = await call("step", "event");
    assert.deepEqual(await told(), [first, second]);
    await call("subscribe", []);
    await call("step", "event");
    assert.deepEqual(await told(), [first, second]);
  });

  it("shows the panels that it is asked for, and only those", async (test) => {
    const { inside, shown } = await host(test, `scenario="lab" level="explain" panels="timeline, log"`);
    await shown();
    await inside.locator(".p-log").waitFor();
    const panels = await inside.locator(".panels > *").evaluateAll((all) => all.map(({ className }) => className.match(/\bp-(\w+)/)?.[1] ?? className));
    assert.deepEqual(panels, ["timeline", "log"]);
  });

  it("in view there is nothing to press", async (test) => {
    const { inside, shown } = await host(test, `scenario="lab" at="nic:103" level="story" mode="view"`);
    await shown();
    await inside.locator(".panels .side").first().waitFor();
    assert.deepEqual(await inside.locator("button:visible, a:visible, select:visible, input:visible").allInnerTexts(), []);
  });

  it("in view no setting of the run may be turned, at no level", async (test) => {
    const { inside, shown } = await host(test, `scenario="lab" at="nic:103" level="explain" mode="view"`);
    await shown();
    await inside.locator(".p-log").waitFor();
    assert.equal(await inside.locator("input:visible, select:visible").count(), 0);
  });

  it("with autoheight it follows the page's height, up and down", async (test) => {
    const { page, inside, call, shown } = await host(test, `scenario="lab" level="story" autoheight`);
    await shown();
    const settled = async () => {
      const height = () => inside.locator("html").evaluate((html) => Math.ceil(html.getBoundingClientRect().height));
      for (let looks = 0; looks < 60; looks++) {
        const [high, own] = [await height(), await page.evaluate(() => lab.clientHeight)];
        await page.waitForTimeout(100);
        if (high === own && high === (await height())) return own;
      }
      assert.fail(`the page is ${await height()} high, the element ${await page.evaluate(() => lab.clientHeight)}`);
    };
    const story = await settled();
    await call("set", "level", "inspect");
    const inspect = await settled();
    await call("set", "level", "story");
    assert.deepEqual([inspect > story + 200, await settled()], [true, story]);
  });

  it("a whole link leads to the same event, settings, seed and machine; other attributes have the last word", async (test) => {
    const first = await open(browser);
    await first.page.goto(`${site.url}#/lab?level=explain&seed=7&align=time&cfg=message-size:128`);
    await ready(first.page);
    await ask(first.page, "run", { until: "exit" });
    await ask(first.page, "set", { key: "exit-cost", value: "250" });
    await ask(first.page, "set", { key: "side", value: "1" });
    await ask(first.page, "run", { until: "interrupt" });
    await ask(first.page, "step", { unit: "event" });
    const place = ({ side, life, event, sides }) => ({ side, life, event, sides });
    const there = place(await ask(first.page, "hash"));
    const { link } = await ask(first.page, "getReport");
    await first.close();
    for (const part of ["seed=7", "cfg=", "journal=", "side=1", "align=time"]) assert.ok(link.includes(part), `${part}: ${link}`);

    const { page, seen, call, shown } = await host(test, `link="${link.replaceAll("&", "&amp;")}" theme="dark"`);
    await shown();
    assert.deepEqual(place(await call("hash")), there);
    const here = await page.evaluate(() => lab.link);
    assert.deepEqual(here.split("?")[1].split("&").filter((part) => /^(mode|theme|v)=/.test(part)).sort(), ["mode=embed", "theme=dark", "v=1"]);
    const all = link.split("?")[1].split("&");
    assert.deepEqual(all.filter((part) => !here.includes(part)), []);
    const report = await call("getReport");
    assert.equal(report.seed, "7");
    // As a whole address, and without the mark.
    const other = await page.evaluate((link) => [`https://example.org/lab/${link}`, link.slice(1)].map((text) => (lab.setAttribute("link", text), lab.link)), link);
    assert.deepEqual(other, [here, here]);
    assert.deepEqual(seen.errors, []);
  });

  it("out of sight it loads when it is asked something", { timeout: 30_000 }, async (test) => {
    const { page, call } = await host(test, `scenario="lab" at="nic:90"`, `<div style="height: 20000px"></div>`);
    await page.waitForTimeout(500);
    assert.equal(page.frames().filter((frame) => frame.url().startsWith(site.url)).length, 0, "it has loaded out of sight");
    assert.equal((await call("ping")).type, "pong");
  });

  it("hears its own frame and nobody else; taken away, it owes no answers", async (test) => {
    const { page, call, shown } = await host(test, `scenario="lab"`, `<iframe id="other" srcdoc="<!doctype html><title>other</title>"></iframe>`);
    await shown();
    const answer = call("ping");
    await page.evaluate(() => {
      document.getElementById("other").contentWindow.eval(`
        for (const type of ["ready", "report", "height"]) parent.postMessage({ exitless: 1, type, id: null, height: 9, passed: true }, "*");
        for (let id = 1; id < 9; id++) parent.postMessage({ exitless: 1, type: "pong", id: "e" + id, build: "forged" }, "*");
      `);
      postMessage({ exitless: 1, type: "report", id: null }, "*");
    });
    assert.match((await answer).build, /^[0-9a-f]{16}$/);
    await page.waitForTimeout(200);
    // Its own frame may say something meanwhile; what others said is not heard.
    const forged = await page.evaluate(() => heard.filter(({ type, height, passed }) => height === 9 || passed || type === "report").length);
    assert.equal(forged, 0);
    const [pending, late] = await page.evaluate(async () => {
      const pending = lab.ping();
      lab.remove();
      return Promise.all([pending, lab.ping()].map((one) => one.then(() => "answered", (error) => error.message)));
    });
    assert.match(pending, /removed/);
    assert.match(late, /in no document/);
  });
});
