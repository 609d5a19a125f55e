// The browser of texts: rows with gold and predicted labels or values. All text goes in as text nodes.
"use strict";
(() => {
  const { data, field, node, verdict, allSystems, show } = browser;
  const { systems, labels, rows } = data.texts;
  const ofLabels = labels.length > 0;
  const [outcome, gold, predicted, order] = ["outcome", "gold", "predicted", "order"].map(field);

  // What a system said: [value] or [value, probability].
  const isRight = (row, said) => said[0] === row.gold;
  const nameOf = (value) => (ofLabels ? labels[value] : value.toFixed(3));
  const errorOf = (row, said) => Math.abs(said[0] - row.gold);

  function fits(row, said) {
    if (!ofLabels) return true;
    if (outcome.value !== "all" && isRight(row, said) !== (outcome.value === "right")) return false;
    if (gold.value !== "" && row.gold !== Number(gold.value)) return false;
    return predicted.value === "" || said[0] === Number(predicted.value);
  }

  const kOrders = {
    sure: (row, said) => -said[1],
    unsure: (row, said) => said[1],
    far: (row, said) => -errorOf(row, said),
    near: (row, said) => errorOf(row, said),
  };

  function ordered(list, saidOf) {
    const key = kOrders[order.value];
    if (!key) return list;
    const of = (row) => key(row, saidOf(row));
    return [...list].sort((a, b) => of(a) - of(b));
  }

  function saidNode(row, said) {
    const text = nameOf(said[0]);
    if (!ofLabels) return node("span", {}, `${text} (off by ${errorOf(row, said).toFixed(3)})`);
    return node("span", {}, verdict(isRight(row, said)), ` ${text}`, said[1] === undefined ? "" : ` (probability ${said[1].toFixed(3)})`);
  }

  function card(row, own, its, name) {
    const said = node("p", {}, "Predicted: ", saidNode(row, own));
    if (its) said.append(node("br"), `${name}: `, saidNode(row, its));
    return node(
      "li", {},
      node("h3", {}, row.a),
      ...(row.b ? [node("p", { className: "context", tabIndex: 0 }, row.b)] : []),
      node("p", {}, `Gold: ${nameOf(row.gold)}`),
      said,
      allSystems(`What all ${row.answers.length} systems say`, systems, row, (one) => [node("td", {}, saidNode(row, one))]),
      node("p", { className: "note" }, row.id),
    );
  }

  for (const control of [gold, predicted]) control.append(new Option("any", ""), ...labels.map((name, index) => new Option(name, index)));
  // Values are not right or wrong.
  for (const control of [outcome, gold, predicted, field("difference")]) control.closest("label").hidden = !ofLabels;
  const sure = rows.some((row) => row.answers.some((answer) => answer.length > 2));
  for (const option of [...order.options]) {
    if (["sure", "unsure"].includes(option.value) ? !sure : ["far", "near"].includes(option.value) && ofLabels) option.remove();
  }
  show({
    systems,
    items: rows,
    what: "examples",
    filters: ["outcome", "gold", "predicted", "order"],
    words: (row) => [row.id, row.a, row.b, nameOf(row.gold), ...row.answers.map((answer) => nameOf(answer[1]))],
    fits,
    right: isRight,
    merit: (row, said) => (ofLabels ? Number(isRight(row, said)) : -errorOf(row, said)),
    card,
    ordered,
  });
})();
