// Builds what src/huitouke/look carries from npm: the chart bundle, the palette, the licences.
// The same packages give the same bytes. An argument names another folder to write to.
import { build } from "esbuild";
import * as colours from "@radix-ui/colors";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const look = process.argv[2]
  ? `${process.argv[2]}/`
  : new URL("../src/huitouke/look/", import.meta.url).pathname;
mkdirSync(`${look}licences`, { recursive: true });

await build({
  entryPoints: ["src/charts.js"],
  outfile: `${look}charts.min.js`,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "HuitoukeCharts",
  target: ["es2020"],
  charset: "ascii",
  legalComments: "none",
  banner: {
    js: "/*! Apache ECharts 6.1.0, Copyright The Apache Software Foundation, Apache-2.0; zrender, Copyright Baidu Inc., BSD-3-Clause; tslib, Copyright Microsoft Corporation, 0BSD. */",
  },
});

const steps = ["slate", "iris", "jade", "amber", "tomato", "blue", "plum"].flatMap((name) =>
  Object.keys(colours[name]).map(
    (step, at) =>
      `    --${name}-${at + 1}: light-dark(${colours[name][step]}, ${colours[`${name}Dark`][step]});`,
  ),
);
writeFileSync(
  `${look}palette.css`,
  `/* Made by frontend/build.mjs from @radix-ui/colors 3.0.0 (MIT, Copyright 2021 Radix). */\n@layer tokens {\n  :root {\n${steps.join("\n")}\n  }\n}\n`,
);

// The Latin face: a file for the service, and inside a sheet, so that the report is one file.
const face = readFileSync("node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2");
writeFileSync(`${look}inter.woff2`, face);
writeFileSync(
  `${look}face.css`,
  `/* Made by frontend/build.mjs: Inter, Copyright The Inter Project Authors, OFL-1.1. */
@font-face {
  font-family: "Inter";
  font-style: normal;
  font-weight: 100 900;
  src: url(data:font/woff2;base64,${face.toString("base64")}) format("woff2");
  unicode-range: U+20-7E, U+A0-FF, U+2012-2015, U+2018-201D, U+2022, U+2026, U+20AC, U+2212;
}
`,
);

for (const [from, to] of [
  ["@fontsource-variable/inter/LICENSE", "inter-LICENSE.txt"],
  ["echarts/LICENSE", "echarts-LICENSE.txt"],
  ["echarts/NOTICE", "echarts-NOTICE.txt"],
  ["zrender/LICENSE", "zrender-LICENSE.txt"],
  ["tslib/LICENSE.txt", "tslib-LICENSE.txt"],
  ["@radix-ui/colors/LICENSE", "radix-colors-LICENSE.txt"],
]) {
  copyFileSync(`node_modules/${from}`, `${look}licences/${to}`);
}
