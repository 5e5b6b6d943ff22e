// The SCORM package, as a learning platform takes it: what its manifest names is there, and what becomes of the lesson
// is what the lesson said.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { spread, unzip } from "./lib/archive.mjs";
import { open } from "./lib/browser.mjs";
import { SCORM } from "./lib/env.mjs";
import { serve } from "./lib/server.mjs";
import { stage } from "./lib/stage.mjs";

// SCORM 1.2's object, in the window above (Run-Time Environment 3.3). Where the manifest names a mastery score, the
// platform judges by it whatever the lesson says (3.4.4, lesson_status).
const platform = (mastery, before) => `<!doctype html><title>LMS</title><link rel="icon" href="data:,"><script>
  const MASTERY = ${mastery ?? null};
  const said = ${JSON.stringify(before)};
  const kept = [];
  let open = false;
  window.API = {
    LMSInitialize: () => String((open = true)),
    LMSGetValue: (key) => said[key] ?? "",
    LMSSetValue: (key, value) => (open && (said[key] = value), String(open)),
    LMSCommit: () => {
      const score = said["cmi.core.score.raw"];
      if (MASTERY !== null && score !== undefined) said["cmi.core.lesson_status"] = Number(score) >= MASTERY ? "passed" : "failed";
      kept.push({ status: said["cmi.core.lesson_status"], score: score ?? null });
      return String(open);
    },
    LMSFinish: () => ((open = false), kept.push("finished"), "true"),
  };
</script><iframe src="/some/where/scorm.html" width="1200" height="800"></iframe>`;

describe("in a learning platform", () => {
  let browser, files, folder, manifest;
  stage((made) => (browser = made));
  before(async () => {
    files = await unzip(SCORM);
    folder = await spread(files);
    manifest = files.get("imsmanifest.xml").toString();
  });
  after(() => rm(folder, { recursive: true }));

  // The platform's page with the package in it, and the lesson's frame.
  const launch = async (test, before = {}) => {
    const mastery = /<adlcp:masteryscore>(.*)</.exec(manifest)?.[1];
    const site = await serve(folder, { "/lms.html": platform(mastery, before) });
    const { page, seen, close } = await open(browser);
    test.after(async () => (await close(), site.close()));
    await page.goto(`${site.origin}/lms.html`);
    const lesson = page.frameLocator("iframe").frameLocator("iframe");
    await lesson.locator("#lesson h2").waitFor();
    const frame = page.frames().find((frame) => frame.url().includes("index.html"));
    const kept = async (count) => {
      await page.waitForFunction((count) => kept.length >= count, count, { timeout: 60_000 });
      return page.evaluate(() => kept);
    };
    // Has the machines judge the teacher's solution, or what a student does who has misunderstood.
    const attempt = (right) => frame.evaluate(async (right) => {
      const play = lab.player.playing();
      const { teacher } = play.lesson;
      const { answers } = teacher;
      if (!right) teacher.answers = teacher.wrong[0].answers;
      await play.solve();
      teacher.answers = answers;
    }, right);
    return { page, seen, kept, attempt };
  };

  it("the manifest is XML that names every file of the package, and what is opened first", async () => {
    const { page, close } = await open(browser);
    const found = await page.evaluate((text) => {
      const xml = new DOMParser().parseFromString(text, "text/xml");
      const all = (name) => [...xml.getElementsByTagName(name)];
      const value = (name) => xml.getElementsByTagName(name)[0]?.textContent;
      const [item] = all("item");
      const resource = all("resource").find((one) => one.getAttribute("identifier") === item.getAttribute("identifierref"));
      return {
        wrong: value("parsererror"), schema: [value("schema"), value("schemaversion")],
        default: all("organizations")[0].getAttribute("default"), organization: all("organization")[0].getAttribute("identifier"),
        kind: resource.getAttribute("adlcp:scormtype"), first: resource.getAttribute("href"),
        files: all("file").map((file) => file.getAttribute("href")),
      };
    }, manifest);
    await close();
    assert.equal(found.wrong, undefined);
    assert.deepEqual(found.schema, ["ADL SCORM", "1.2"]);
    assert.equal(found.default, found.organization);
    assert.deepEqual([found.kind, found.first], ["sco", "scorm.html"]);
    assert.deepEqual(found.files.sort(), [...files.keys()].filter((name) => name !== "imsmanifest.xml").sort());
    assert.ok(found.files.includes(found.first));
  });

  it("a failing attempt stays failed however high it scores; the solution passes, and stays so", async (test) => {
    const { page, seen, kept, attempt } = await launch(test);
    assert.deepEqual(await kept(1), [{ status: "incomplete", score: null }]);
    await attempt(false);
    const [, failed] = await kept(2);
    assert.equal(failed.status, "failed");
    assert.ok(Number(failed.score) > 60 && Number(failed.score) < 100, `${failed.score}: no attempt to be mistaken about`);
    await attempt(true);
    assert.deepEqual((await kept(3))[2], { status: "passed", score: "100" });
    await attempt(false);
    await page.evaluate(() => document.querySelector("iframe").remove());
    assert.deepEqual((await kept(4)).slice(3), ["finished"]);
    assert.deepEqual(seen.errors, []);
  });

  it("opened again, what was passed is not taken back", async (test) => {
    const { page, attempt, kept } = await launch(test, { "cmi.core.lesson_status": "passed", "cmi.core.score.raw": "100" });
    await attempt(false);
    await page.evaluate(() => document.querySelector("iframe").remove());
    assert.deepEqual(await kept(1), ["finished"]);
  });

  it("without a platform around it the lesson runs, and says that nothing is recorded", async (test) => {
    const site = await serve(folder);
    const { page, seen, close } = await open(browser);
    test.after(async () => (await close(), site.close()));
    await page.goto(`${site.url}scorm.html`);
    await page.frameLocator("iframe").locator("#lesson h2").waitFor();
    assert.match(await page.getByRole("status").innerText(), /nothing is recorded/);
    assert.deepEqual(seen.errors, []);
  });
});
