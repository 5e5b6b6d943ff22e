// A browser and the site, served to it, for the tests of a suite.
import { after, before } from "node:test";
import { launch } from "./browser.mjs";
import { SITE } from "./env.mjs";
import { serve } from "./server.mjs";

// Both come before the suite's first test, by `take`, and go after its last.
export function stage(take) {
  const made = [];
  before(async () => {
    made.push(await launch(), await serve(SITE));
    take(...made);
  });
  after(async () => {
    for (const one of made) await one.close();
  });
}
