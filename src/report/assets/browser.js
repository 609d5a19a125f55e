// What the browsers of answers and of texts have in common: filters, a page of cards at a time, a second system to
// compare with. What is shown and told apart is theirs (answers.js, texts.js). All text goes in as text nodes.
"use strict";
const browser = (() => {
  const kPage = 20;
  const kDifferences = {
    all: () => true,
    only: (a, b) => a && !b,
    lost: (a, b) => !a && b,
    both: (a, b) => a && b,
    neither: (a, b) => !a && !b,
  };

  const data = JSON.parse(document.getElementById("report-data").textContent);
  const field = (id) => document.getElementById(id);

  function node(tag, properties = {}, ...content) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...content);
    return element;
  }

  const verdict = (right) => node("span", { className: right ? "verdict right" : "verdict wrong" }, right ? "✓ right" : "✗ wrong");

  // Folded: what every system said of the item, a line each, in the cells that cells(said) makes.
  function allSystems(title, systems, item, cells) {
    const lines = item.answers.map(([index, ...said]) => node("tr", {}, node("th", { scope: "row" }, systems[index]), ...cells(said)));
    return node("details", {}, node("summary", {}, title), node("table", { className: "all-answers" }, node("tbody", {}, ...lines)));
  }

  // What a system said of an item: the rest of its entry in `answers`; undefined where it was not asked.
  const saidBy = (item, index) => item.answers.find((answer) => answer[0] === index)?.slice(1);

  // systems: names. items: what can be shown, each with answers [[system, …], …]. what: their name in the count.
  // filters: ids of the controls beside system, other, difference and search. Of an item: words(item), what the
  // search looks in; fits(item, said), what the filters let through; right(item, said); merit(item, said), whose sum
  // is the highest for the system to begin with; card(item, said, its, name), its list entry, where another system
  // called `name` said `its`. ordered(items, saidOf): the items in the order to be shown.
  function show({ systems, items, what, filters, words, fits, right, merit, card, ordered = (list) => list }) {
    if (!items.length) return;
    const [system, other, difference, search] = ["system", "other", "difference", "search"].map(field);
    const [cards, count, more] = ["cards", "count", "more"].map(field);
    const own = (item) => saidBy(item, Number(system.value));
    const its = (item) => (other.value === "" ? undefined : saidBy(item, Number(other.value)));
    let chosen = [];
    let shown = 0;

    function matches(item, wanted) {
      const said = own(item);
      if (!said || !fits(item, said)) return false;
      if (other.value !== "") {
        const compared = its(item);
        if (!compared || !kDifferences[difference.value](right(item, said), right(item, compared))) return false;
      }
      return wanted.every((word) => item.text.includes(word));
    }

    function showMore() {
      const next = chosen.slice(shown, shown + kPage);
      cards.append(...next.map((item) => card(item, own(item), its(item), systems[other.value])));
      shown += next.length;
      more.hidden = shown >= chosen.length;
    }

    function refresh() {
      difference.disabled = other.value === "";
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      chosen = ordered(items.filter((item) => matches(item, wanted)), own);
      count.textContent = `${chosen.length} of ${items.length} ${what}.`;
      cards.replaceChildren();
      shown = 0;
      showMore();
    }

    for (const item of items) item.text = words(item).join("\n").toLowerCase();
    const asked = systems.map((name, index) => [name, index]).filter(([, index]) => items.some((item) => saidBy(item, index)));
    system.append(...asked.map(([name, index]) => new Option(name, index)));
    other.append(new Option("no other system", ""), ...asked.map(([name, index]) => new Option(name, index)));
    // The best one comes first to mind.
    const sum = (index) => items.reduce((total, item) => {
      const said = saidBy(item, index);
      return total + (said ? merit(item, said) : 0);
    }, 0);
    system.value = String(asked.reduce((best, [, index]) => (sum(index) > sum(best) ? index : best), asked[0][1]));
    for (const control of [system, other, difference, ...filters.map(field)]) control.addEventListener("change", refresh);
    search.addEventListener("input", refresh);
    more.addEventListener("click", showMore);
    field("browser").hidden = false;
    refresh();
  }

  return { data, field, node, verdict, allSystems, show };
})();
