// Draws every chart of the page's data with Chart.js, into the figure that has its id. Colours come from the
// style sheet, so that charts follow light, dark and print.
"use strict";
(() => {
  const kDashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
  const kShapes = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross"];
  const kColours = 8;
  const kFine = 3; // pixels of a swatch a pixel of the page
  const drawn = [];
  const hidden = new Set(); // "chart key": what the reader has switched off stays so when charts are drawn again

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const keysOf = (chart) => [...new Set(chart.series.map((series) => series.key))];

  // Colour, shape and dashes of a series. Of its chart's keys no two neighbours have the same dashes, and no two of the
  // first 56 the same colour and shape.
  function look(chart, series) {
    const place = keysOf(chart).indexOf(series.key);
    return {
      colour: series.reference ? colour("--ink") : colour(`--series-${place % kColours}`),
      shape: kShapes[place % kShapes.length],
      dash: series.dashed ? [5, 4] : series.reference ? [] : kDashes[place % kDashes.length],
      width: series.reference ? 2.5 : 1.75,
    };
  }

  // A whisker with caps for every point that has an interval; hidden series have none.
  const whiskers = {
    id: "whiskers",
    afterDatasetsDraw(chart) {
      const pen = chart.ctx;
      const sideways = chart.options.indexAxis === "y";
      const scale = sideways ? chart.scales.x : chart.scales.y;
      chart.data.datasets.forEach((dataset, i) => {
        if (!chart.isDatasetVisible(i)) return;
        pen.save();
        pen.strokeStyle = sideways ? colour("--ink") : dataset.borderColor;
        pen.lineWidth = 1;
        dataset.data.forEach((point, j) => {
          if (point.low === undefined) return;
          const element = chart.getDatasetMeta(i).data[j];
          const [a, b] = [scale.getPixelForValue(point.low), scale.getPixelForValue(point.high)];
          const at = sideways ? element.y : element.x;
          const line = sideways ? (u, v, w) => [u, at + v, w] : (u, v, w) => [at + v, u, w];
          pen.beginPath();
          for (const [u, v, start] of [line(a, 0, 1), line(b, 0, 0), line(a, -3, 1), line(a, 3, 0), line(b, -3, 1), line(b, 3, 0)]) {
            start ? pen.moveTo(u, v) : pen.lineTo(u, v);
          }
          pen.stroke();
        });
        pen.restore();
      });
    },
  };

  const short = (value) =>
    value >= 1e6 ? `${+(value / 1e6).toPrecision(3)}M` : value >= 1e3 ? `${+(value / 1e3).toPrecision(3)}k` : `${+value.toPrecision(3)}`;

  function axis(title, more) {
    return {
      title: { display: true, text: title, color: colour("--soft") },
      grid: { color: colour("--line"), borderColor: colour("--soft") },
      ticks: { color: colour("--soft") },
      ...more,
    };
  }

  function tooltip(chart) {
    return {
      callbacks: {
        title: (items) => (chart.categories.length ? chart.categories[items[0].dataIndex] : items[0].raw.label || items[0].dataset.label),
        label: (item) => {
          const { x, y, low, high, place, seeds } = item.raw;
          const value = chart.categories.length ? x : y;
          const range = low === undefined ? "" : ` (${seeds ? `${seeds} seeds` : "95 %"}: ${+low.toPrecision(4)} to ${+high.toPrecision(4)})`;
          const where = chart.categories.length ? "" : `, ${chart.x} ${place.toLocaleString("en")}`;
          return `${item.dataset.label}: ${+value.toFixed(3)}${range}${where}`;
        },
      },
    };
  }

  // Bars one below the other, with hatching on every second series for black and white.
  function hatched(fill) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d");
    pen.strokeStyle = fill;
    pen.lineWidth = 2;
    pen.beginPath();
    for (const shift of [-6, 0, 6]) {
      pen.moveTo(shift, 6);
      pen.lineTo(shift + 6, 0);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  function bars(chart) {
    return {
      type: "bar",
      data: {
        labels: chart.categories,
        datasets: chart.series.map((series, i) => {
          const { colour: ink } = look(chart, series);
          return {
            label: series.name,
            data: series.points.map((p) => ({ ...p, x: p.y, y: chart.categories[p.x] })),
            backgroundColor: i % 2 ? hatched(ink) : ink,
            borderColor: ink,
            borderWidth: 1,
          };
        }),
      },
      options: {
        indexAxis: "y",
        scales: {
          x: axis(chart.y, { beginAtZero: true }),
          y: axis("", {
            title: { display: false },
            // A folder and what is in it, one below the other: names are long and telephones narrow.
            ticks: { color: colour("--ink"), autoSkip: false, font: { size: 11 }, callback: (_, i) => chart.categories[i].split(/(?<=\/)(?=[^/]*$)/) },
          }),
        },
      },
    };
  }

  // Points that share a place are drawn beside each other, short of the next place; `place` keeps the truth.
  function beside(chart) {
    const points = chart.series.filter((series) => series.marks === "points");
    const places = [...new Set(points.flatMap((series) => series.points.map((point) => point.x)))].sort((a, b) => a - b);
    const range = Math.max(...chart.series.flatMap((series) => series.points.map((point) => point.x)));
    const gap = Math.min(0.2 * range, ...places.slice(1).map((place, i) => place - places[i]));
    const step = chart.log_x || points.length < 2 ? 0 : Math.min(0.015 * range, (0.7 * gap) / points.length);
    return (series) => {
      const shift = series.marks === "points" ? (points.indexOf(series) + 1) * step : 0;
      return series.points.map((point) => ({ ...point, x: point.x + shift, place: point.x }));
    };
  }

  // The axis of y holds the whiskers too.
  function reach(chart) {
    const points = chart.series.flatMap((series) => series.points);
    return {
      suggestedMin: Math.min(...points.map((point) => point.low ?? point.y)),
      suggestedMax: Math.max(...points.map((point) => point.high ?? point.y)),
    };
  }

  function plot(chart) {
    const whole = chart.series.every((series) => series.points.every((point) => Number.isInteger(point.x)));
    const ticks = { color: colour("--soft"), maxRotation: 0, autoSkipPadding: 12, ...(whole ? { precision: 0 } : {}) };
    const log = { type: "logarithmic", ticks: { ...ticks, callback: (v) => (Math.log10(v) % 1 === 0 ? short(v) : "") } };
    const dataOf = beside(chart);
    return {
      type: "scatter",
      data: {
        datasets: chart.series.map((series, i) => {
          const { colour: ink, shape, dash, width } = look(chart, series);
          return {
            label: series.name,
            data: dataOf(series),
            showLine: series.marks !== "points",
            borderColor: ink,
            backgroundColor: ink,
            borderWidth: width,
            borderDash: dash,
            pointStyle: shape,
            pointRadius: series.marks === "line" ? 0 : 4.5,
            pointHitRadius: 6,
          };
        }),
      },
      options: { scales: { x: axis(chart.x, chart.log_x ? log : { suggestedMin: 0, ticks }), y: axis(chart.y, reach(chart)) } },
    };
  }

  function settings(chart) {
    const result = chart.categories.length ? bars(chart) : plot(chart);
    Object.assign(result.options, {
      animation: false,
      maintainAspectRatio: false,
      devicePixelRatio: Math.max(2, window.devicePixelRatio || 1),
      plugins: { legend: { display: false }, tooltip: tooltip(chart) },
    });
    result.plugins = [whiskers];
    return result;
  }

  // A small picture of the series of a key.
  function swatch(chart, key) {
    const all = chart.series.filter((series) => series.key === key);
    const { colour: ink, shape, dash, width } = look(chart, all[0]);
    const canvas = Object.assign(document.createElement("canvas"), { width: 26 * kFine, height: 12 * kFine });
    canvas.setAttribute("aria-hidden", "true");
    const pen = canvas.getContext("2d");
    pen.scale(kFine, kFine);
    pen.strokeStyle = pen.fillStyle = ink;
    if (chart.categories.length) {
      pen.fillStyle = chart.series.indexOf(all[0]) % 2 ? hatched(ink) : ink;
      pen.fillRect(3, 1, 20, 10);
      pen.strokeRect(3, 1, 20, 10);
      return canvas;
    }
    pen.lineWidth = width;
    pen.setLineDash(dash);
    if (all.some((series) => series.marks !== "points")) {
      pen.beginPath();
      pen.moveTo(0, 6);
      pen.lineTo(26, 6);
      pen.stroke();
    }
    pen.setLineDash([]);
    if (all.some((series) => series.marks !== "line")) {
      Chart.helpers.drawPoint(pen, { pointStyle: shape, radius: 4.5, rotation: 0, borderWidth: width }, 13, 6);
    }
    return canvas;
  }

  // The key is made of buttons, so that the keyboard can hide and show series.
  function fillKey(place, chart, picture) {
    place.replaceChildren(
      ...keysOf(chart).map((key) => {
        const button = Object.assign(document.createElement("button"), { type: "button", title: "show or hide" });
        const name = `${chart.id} ${key}`;
        const apply = () => {
          const visible = !hidden.has(name);
          chart.series.forEach((series, i) => series.key === key && picture.setDatasetVisibility(i, visible));
          button.setAttribute("aria-pressed", String(visible));
        };
        button.append(swatch(chart, key), key);
        button.addEventListener("click", () => {
          if (!hidden.delete(name)) hidden.add(name);
          apply();
          picture.update();
        });
        apply();
        return button;
      }),
    );
    picture.update();
  }

  function draw(chart) {
    const figure = document.getElementById(chart.id);
    const place = figure.querySelector(".drawing");
    if (chart.categories.length) place.style.height = `${70 + chart.categories.length * chart.series.length * 17}px`;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${chart.title}; the numbers are in the table below.`);
    place.replaceChildren(canvas);
    const picture = new Chart(canvas, settings(chart));
    fillKey(figure.querySelector(".key"), chart, picture);
    return picture;
  }

  const charts = JSON.parse(document.getElementById("report-data").textContent).charts;
  Chart.defaults.font.family = "system-ui, sans-serif";

  function drawAll() {
    drawn.splice(0).forEach((picture) => picture.destroy());
    charts.forEach((chart) => drawn.push(draw(chart)));
  }

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // Paper is white and narrower than most windows.
  window.addEventListener("beforeprint", () => {
    document.documentElement.dataset.print = "";
    drawAll();
    drawn.forEach((picture, i) => picture.resize(330, charts[i].categories.length ? picture.height : 215));
  });
  window.addEventListener("afterprint", () => {
    delete document.documentElement.dataset.print;
    drawAll();
  });
})();
