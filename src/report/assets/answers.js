// The browser of answers: questions with gold answers and predictions marked in their contexts. All text goes in as
// text nodes.
"use strict";
(() => {
  const { data, field, node, verdict, allSystems, show } = browser;
  const { systems, contexts, questions } = data.answers;
  const [outcome, kind] = ["outcome", "kind"].map(field);

  // What a system said: [text, exact, f1].
  const hasAnswer = (question) => question.gold.length > 0;
  const isRight = (question, [, exact]) => exact === 1;

  const kOutcomes = {
    all: () => true,
    right: (q, [, exact]) => exact === 1,
    wrong: (q, [, exact]) => exact === 0,
    partly: (q, [, exact, f1]) => exact === 0 && f1 > 0,
    empty: (q, [text]) => text === "",
    missed: (q, [text]) => text === "" && hasAnswer(q),
    invented: (q, [text]) => text !== "" && !hasAnswer(q),
  };

  function fits(question, said) {
    return kOutcomes[outcome.value](question, said) && (kind.value === "all" || hasAnswer(question) === (kind.value === "has"));
  }

  // Places [begin, end) of the text in the context: as whole words, or wherever it stands if never as such.
  function places(context, text) {
    const all = [];
    for (let at = context.indexOf(text); text && at >= 0; at = context.indexOf(text, at + 1)) all.push([at, at + text.length]);
    const letter = /[\p{L}\p{N}]/u;
    const whole = all.filter(([begin, end]) => !letter.test(context[begin - 1] ?? " ") && !letter.test(context[end] ?? " "));
    return whole.length ? whole : all;
  }

  const kTitles = { both: "gold answer and prediction", gold: "gold answer", said: "prediction" };

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
    const parts = stretches.map(({ kind, text }) => (kind ? node("mark", { className: kind, title: kTitles[kind] }, text) : text));
    return node("p", { className: "context", tabIndex: 0 }, ...parts);
  }

  const answerText = (text) => (text === "" ? node("em", {}, "no answer") : text);
  const cells = ([text, exact, f1]) => [
    node("td", {}, answerText(text)),
    node("td", {}, verdict(exact)),
    node("td", { className: "number" }, `F1 ${f1.toFixed(2)}`),
  ];

  function card(question, [text, exact, f1], its, name) {
    const context = contexts[question.context];
    const golds = [...new Set(question.gold.map(([begin, end]) => context.text.slice(begin, end)))];
    const said = node("p", {}, verdict(exact), " Prediction: ", answerText(text), ...(!exact && f1 > 0 ? [` (F1 ${f1.toFixed(2)})`] : []));
    if (its) said.append(node("br"), verdict(its[1]), ` ${name}: `, answerText(its[0]));
    return node(
      "li", {},
      node("h3", {}, question.question),
      node("p", {}, "Gold: ", ...(golds.length ? [golds.join(" · ")] : [answerText("")])),
      said,
      marked(context.text, question.gold, places(context.text, text)),
      allSystems(`Answers of all ${question.answers.length} systems`, systems, question, cells),
      node("p", { className: "note" }, [context.title, question.id].filter(Boolean).join(" · ")),
    );
  }

  field("count").after(
    " Marked: ", node("mark", { className: "gold" }, "a gold answer"), ", ", node("mark", { className: "said" }, "the prediction"), ", ",
    node("mark", { className: "both" }, "both"), ".",
  );
  show({
    systems,
    items: questions,
    what: "questions",
    filters: ["outcome", "kind"],
    words: (question) => [question.id, question.question, contexts[question.context].text, ...question.answers.map((answer) => answer[1])],
    fits,
    right: isRight,
    merit: (question, said) => Number(isRight(question, said)),
    card,
  });
})();
