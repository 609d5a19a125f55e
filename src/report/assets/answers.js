// The answers browser: chooses questions by the filters and shows them with their answers marked. All text
// goes in as text nodes.
"use strict";
(() => {
  const { systems, contexts, questions } = JSON.parse(document.getElementById("report-data").textContent).answers;
  if (!questions.length) return;
  const kPage = 20;
  const field = (id) => document.getElementById(id);
  const [system, outcome, kind, other, difference, search] = ["system", "outcome", "kind", "other", "difference", "search"].map(field);
  const [cards, count, more] = ["cards", "count", "more"].map(field);
  let chosen = [];
  let shown = 0;

  function node(tag, properties = {}, ...content) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...content);
    return element;
  }

  // [text, exact, f1] of a system's answer; undefined where it was not asked.
  const answerOf = (question, index) => question.answers.find((answer) => answer[0] === index)?.slice(1);
  const hasAnswer = (question) => question.gold.length > 0;

  const kOutcomes = {
    all: () => true,
    right: (q, [, exact]) => exact === 1,
    wrong: (q, [, exact]) => exact === 0,
    partly: (q, [, exact, f1]) => exact === 0 && f1 > 0,
    empty: (q, [text]) => text === "",
    missed: (q, [text]) => text === "" && hasAnswer(q),
    invented: (q, [text]) => text !== "" && !hasAnswer(q),
  };
  const kDifferences = {
    all: () => true,
    only: (a, b) => a === 1 && b === 0,
    lost: (a, b) => a === 0 && b === 1,
    both: (a, b) => a === 1 && b === 1,
    neither: (a, b) => a === 0 && b === 0,
  };

  function matches(question, words) {
    const own = answerOf(question, Number(system.value));
    if (!own || !kOutcomes[outcome.value](question, own)) return false;
    if (kind.value !== "all" && hasAnswer(question) !== (kind.value === "has")) return false;
    if (other.value !== "") {
      const its = answerOf(question, Number(other.value));
      if (!its || !kDifferences[difference.value](own[1], its[1])) return false;
    }
    return words.every((word) => question.text.includes(word));
  }

  // Places [begin, end) of the text in the context: as whole words, or wherever it stands if never as such.
  function places(context, text) {
    const all = [];
    for (let at = context.indexOf(text); text && at >= 0; at = context.indexOf(text, at + 1)) all.push([at, at + text.length]);
    const letter = /[\p{L}\p{N}]/u;
    const whole = all.filter(([begin, end]) => !letter.test(context[begin - 1] ?? " ") && !letter.test(context[end] ?? " "));
    return whole.length ? whole : all;
  }

  function marked(context, gold, said) {
    const covers = (ranges, begin, end) => ranges.some(([a, b]) => a <= begin && end <= b);
    const borders = [...new Set([0, context.length, ...gold.flat(), ...said.flat()])].sort((a, b) => a - b);
    const stretches = [];
    for (let i = 0; i + 1 < borders.length; ++i) {
      const [begin, end] = [borders[i], borders[i + 1]];
      const [isGold, isSaid] = [covers(gold, begin, end), covers(said, begin, end)];
      const kind = isGold && isSaid ? "both" : isGold ? "gold" : isSaid ? "said" : "";
      const last = stretches.at(-1);
      if (last?.kind === kind) last.text += context.slice(begin, end);
      else stretches.push({ kind, text: context.slice(begin, end) });
    }
    const titles = { both: "gold answer and prediction", gold: "gold answer", said: "prediction" };
    const parts = stretches.map(({ kind, text }) => (kind ? node("mark", { className: kind, title: titles[kind] }, text) : text));
    return node("p", { className: "context", tabIndex: 0 }, ...parts);
  }

  const answerText = (text) => (text === "" ? node("em", {}, "no answer") : text);
  const verdict = (exact) => node("span", { className: exact ? "verdict right" : "verdict wrong" }, exact ? "✓ right" : "✗ wrong");

  function allAnswers(question) {
    const rows = question.answers.map(([index, text, exact, f1]) =>
      node("tr", {}, node("th", { scope: "row" }, systems[index]), node("td", {}, answerText(text)), node("td", {}, verdict(exact)), node("td", { className: "number" }, `F1 ${f1.toFixed(2)}`)),
    );
    return node("details", {}, node("summary", {}, `Answers of all ${rows.length} systems`), node("table", { className: "all-answers" }, node("tbody", {}, ...rows)));
  }

  function card(question) {
    const context = contexts[question.context];
    const [text, exact, f1] = answerOf(question, Number(system.value));
    const golds = [...new Set(question.gold.map(([begin, end]) => context.text.slice(begin, end)))];
    const said = node("p", {}, verdict(exact), " Prediction: ", answerText(text), ...(!exact && f1 > 0 ? [` (F1 ${f1.toFixed(2)})`] : []));
    if (other.value !== "") {
      const [its, itsExact] = answerOf(question, Number(other.value));
      said.append(node("br"), verdict(itsExact), ` ${systems[other.value]}: `, answerText(its));
    }
    return node(
      "li", {},
      node("h3", {}, question.question),
      node("p", {}, "Gold: ", ...(golds.length ? [golds.join(" · ")] : [answerText("")])),
      said,
      marked(context.text, question.gold, places(context.text, text)),
      allAnswers(question),
      node("p", { className: "note" }, [context.title, question.id].filter(Boolean).join(" · ")),
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
    chosen = questions.filter((question) => matches(question, words));
    count.textContent = `${chosen.length} of ${questions.length} questions.`;
    cards.replaceChildren();
    shown = 0;
    showMore();
  }

  for (const question of questions) {
    question.text = [question.id, question.question, contexts[question.context].text, ...question.answers.map((answer) => answer[1])].join("\n").toLowerCase();
  }
  const asked = systems.map((name, index) => [name, index]).filter(([, index]) => questions.some((question) => answerOf(question, index)));
  system.append(...asked.map(([name, index]) => new Option(name, index)));
  other.append(new Option("no other system", ""), ...asked.map(([name, index]) => new Option(name, index)));
  // The one that is right most often comes first to mind.
  const rights = (index) => questions.filter((question) => answerOf(question, index)?.[1] === 1).length;
  system.value = String(asked.reduce((best, [, index]) => (rights(index) > rights(best) ? index : best), asked[0][1]));
  for (const control of [system, outcome, kind, other, difference]) control.addEventListener("change", refresh);
  search.addEventListener("input", refresh);
  more.addEventListener("click", showMore);
  field("browser").hidden = false;
  refresh();
})();
