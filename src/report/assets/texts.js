// The browser of texts: chooses rows by the filters and shows them with gold and predicted labels or values. All
// text goes in as text nodes.
"use strict";
(() => {
  const { systems, labels, rows } = JSON.parse(document.getElementById("report-data").textContent).texts;
  if (!rows.length) return;
  const kPage = 20;
  const ofLabels = labels.length > 0;
  const field = (id) => document.getElementById(id);
  const [system, outcome, gold, predicted, order, other, difference, search] = ["system", "outcome", "gold", "predicted", "order", "other", "difference", "search"].map(field);
  const [cards, count, more] = ["cards", "count", "more"].map(field);
  let chosen = [];
  let shown = 0;

  function node(tag, properties = {}, ...content) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...content);
    return element;
  }

  // [value, probability] of what a system said; undefined where it was not asked.
  const saidBy = (row, index) => row.answers.find((answer) => answer[0] === index)?.slice(1);
  const isRight = (row, said) => said[0] === row.gold;
  const nameOf = (value) => (ofLabels ? labels[value] : value.toFixed(3));
  const errorOf = (row, said) => Math.abs(said[0] - row.gold);

  const kDifferences = {
    all: () => true,
    only: (a, b) => a && !b,
    lost: (a, b) => !a && b,
    both: (a, b) => a && b,
    neither: (a, b) => !a && !b,
  };

  function matches(row, words) {
    const own = saidBy(row, Number(system.value));
    if (!own) return false;
    const its = other.value === "" ? undefined : saidBy(row, Number(other.value));
    if (other.value !== "" && !its) return false;
    if (ofLabels) {
      if (outcome.value !== "all" && isRight(row, own) !== (outcome.value === "right")) return false;
      if (gold.value !== "" && row.gold !== Number(gold.value)) return false;
      if (predicted.value !== "" && own[0] !== Number(predicted.value)) return false;
      if (its && !kDifferences[difference.value](isRight(row, own), isRight(row, its))) return false;
    }
    return words.every((word) => row.text.includes(word));
  }

  const kOrders = {
    sure: (row, said) => -said[1],
    unsure: (row, said) => said[1],
    far: (row, said) => -errorOf(row, said),
    near: (row, said) => errorOf(row, said),
  };

  function sorted(list) {
    const key = kOrders[order.value];
    if (!key) return list;
    const of = (row) => key(row, saidBy(row, Number(system.value)));
    return [...list].sort((a, b) => of(a) - of(b));
  }

  function saidNode(row, said) {
    const text = nameOf(said[0]);
    if (!ofLabels) return node("span", {}, `${text} (off by ${errorOf(row, said).toFixed(3)})`);
    const right = isRight(row, said);
    const verdict = node("span", { className: right ? "verdict right" : "verdict wrong" }, right ? "✓ right" : "✗ wrong");
    return node("span", {}, verdict, ` ${text}`, said[1] === undefined ? "" : ` (probability ${said[1].toFixed(3)})`);
  }

  function allSystems(row) {
    const lines = row.answers.map(([index, ...said]) => node("tr", {}, node("th", { scope: "row" }, systems[index]), node("td", {}, saidNode(row, said))));
    return node("details", {}, node("summary", {}, `What all ${lines.length} systems say`), node("table", { className: "all-answers" }, node("tbody", {}, ...lines)));
  }

  function card(row) {
    const said = node("p", {}, "Predicted: ", saidNode(row, saidBy(row, Number(system.value))));
    if (other.value !== "") said.append(node("br"), `${systems[other.value]}: `, saidNode(row, saidBy(row, Number(other.value))));
    return node(
      "li", {},
      node("h3", {}, row.a),
      ...(row.b ? [node("p", { className: "context", tabIndex: 0 }, row.b)] : []),
      node("p", {}, `Gold: ${nameOf(row.gold)}`),
      said,
      allSystems(row),
      node("p", { className: "note" }, row.id),
    );
  }

  function showMore() {
    const next = chosen.slice(shown, shown + kPage);
    cards.append(...next.map(card));
    shown += next.length;
    more.hidden = shown >= chosen.length;
  }

  function refresh() {
    difference.disabled = other.value === "";
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    chosen = sorted(rows.filter((row) => matches(row, words)));
    count.textContent = `${chosen.length} of ${rows.length} examples.`;
    cards.replaceChildren();
    shown = 0;
    showMore();
  }

  for (const row of rows) row.text = [row.id, row.a, row.b, nameOf(row.gold), ...row.answers.map((answer) => nameOf(answer[1]))].join("\n").toLowerCase();
  const asked = systems.map((name, index) => [name, index]).filter(([, index]) => rows.some((row) => saidBy(row, index)));
  system.append(...asked.map(([name, index]) => new Option(name, index)));
  other.append(new Option("no other system", ""), ...asked.map(([name, index]) => new Option(name, index)));
  for (const [control, title] of [[gold, "any"], [predicted, "any"]]) control.append(new Option(title, ""), ...labels.map((name, index) => new Option(name, index)));
  document.querySelectorAll("#browser .of-labels").forEach((label) => { label.hidden = !ofLabels; });
  const sure = rows.some((row) => row.answers.some((answer) => answer.length > 2));
  for (const option of [...order.options]) {
    if (["sure", "unsure"].includes(option.value) ? !sure : ["far", "near"].includes(option.value) && ofLabels) option.remove();
  }
  // The best one comes first to mind: most often right, or nearest.
  const merit = (index) => rows.reduce((sum, row) => {
    const said = saidBy(row, index);
    return sum + (!said ? 0 : ofLabels ? Number(isRight(row, said)) : -errorOf(row, said));
  }, 0);
  system.value = String(asked.reduce((best, [, index]) => (merit(index) > merit(best) ? index : best), asked[0][1]));
  for (const control of [system, outcome, gold, predicted, order, other, difference]) control.addEventListener("change", refresh);
  search.addEventListener("input", refresh);
  more.addEventListener("click", showMore);
  field("browser").hidden = false;
  refresh();
})();
