// The chart island: what the report inlines and the service serves. Options come from Python
// (huitouke.insight.report.charts) as plain JSON; colours in them are CSS variables, so that
// a change of theme repaints the SVG without a line of script.
import * as echarts from "echarts/core";
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
import langEN from "echarts/lib/i18n/langEN.js";
import langZH from "echarts/lib/i18n/langZH.js";
import theme from "../../src/huitouke/look/chart_theme.json";

// An interval: a stroke from lo to hi with short ends. Data: [at, lo, hi] on a vertical
// value axis, or [lo, hi, at] on a horizontal one, told by itemPayload.across.
function interval(params, api) {
  const across = params.itemPayload.across === true;
  const [from, to] = across
    ? [api.coord([api.value(0), api.value(2)]), api.coord([api.value(1), api.value(2)])]
    : [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])];
  const half = params.itemPayload.ends ?? 4;
  const [dx, dy] = across ? [0, half] : [half, 0];
  const style = {
    stroke: params.itemPayload.color ?? "var(--chart-interval)",
    lineWidth: 1.5,
    fill: "none",
  };
  const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
  return {
    type: "group",
    silent: true,
    children: [
      line(from[0], from[1], to[0], to[1]),
      line(from[0] - dx, from[1] - dy, from[0] + dx, from[1] + dy),
      line(to[0] - dx, to[1] - dy, to[0] + dx, to[1] + dy),
    ],
  };
}

echarts.use([
  BarChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
  (registers) => registers.registerCustomSeries("interval", interval),
]);
echarts.registerLocale("EN", langEN);
echarts.registerLocale("ZH", langZH);
echarts.registerTheme("huitouke", theme);

// A tooltip is the sentence that Python wrote for the point, set as text, never as HTML.
function tip(params) {
  const found = (Array.isArray(params) ? params : [params]).find((one) => one.data?.tip);
  if (!found) return "";
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.textContent = found.data.tip;
  return box;
}

// Draw an option into an element and keep it as wide as its box; returns the chart.
export function draw(element, option, language) {
  const chart = echarts.init(element, "huitouke", {
    renderer: "svg",
    locale: language === "zh" ? "ZH" : "EN",
  });
  const type = getComputedStyle(element);
  const plain = {
    ...option,
    textStyle: { fontFamily: type.fontFamily, ...option.textStyle },
  };
  if (plain.tooltip) plain.tooltip = { ...plain.tooltip, formatter: tip };
  chart.setOption(plain);
  const watch = new ResizeObserver(() => {
    if (chart.isDisposed()) watch.disconnect();
    else chart.resize();
  });
  watch.observe(element);
  return chart;
}
