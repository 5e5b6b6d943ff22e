// What `cargo xtask browser-test` has prepared, by environment variable.
import { createRequire } from "node:module";
import path from "node:path";

const given = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run these tests by \`cargo xtask browser-test\``);
  return value;
};

// The site's folder, the single file, the npm package's folder, the SCORM package of one lesson.
export const SITE = given("EXITLESS_SITE");
export const SINGLE = given("EXITLESS_SINGLE");
export const PACKAGE = given("EXITLESS_PACKAGE");
export const SCORM = given("EXITLESS_SCORM");
export const CHROMIUM = given("EXITLESS_CHROMIUM");
// The command line and the guests as `cargo xtask guests` leaves them.
export const CLI = given("EXITLESS_CLI");
export const GUESTS = given("EXITLESS_GUESTS");
export const ROOT = path.resolve(import.meta.dirname, "../../..");

// The libraries lie under target/, not beside these files.
const installed = createRequire(path.join(given("EXITLESS_MODULES"), "package.json"));
export const { chromium } = installed("playwright-core");
export const library = (file) => installed.resolve(file);
