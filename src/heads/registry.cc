#include "heads/registry.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr std::string_view kLayerPrefix = "layer-";

// The backbone's numbers of the states.
std::vector<int32_t> NumbersOf(const BackboneDims& dims) {
  if (!dims.numbers.empty()) return dims.numbers;
  std::vector<int32_t> numbers(static_cast<size_t>(dims.layers));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// The k of "layer-<k>", a state that the backbone has and that is there.
std::optional<int32_t> LayerOf(const std::string& name, const BackboneDims& dims) {
  if (!name.starts_with(kLayerPrefix)) return std::nullopt;
  const std::vector<int32_t> numbers = NumbersOf(dims);
  int32_t layer = -1;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kLayerPrefix.size(), end, layer);
  const bool plain = error == std::errc() && stop == end && name == Cat(kLayerPrefix, layer);
  if (!plain || std::find(numbers.begin(), numbers.end(), layer) == numbers.end()) {
    std::vector<std::string> there;
    there.reserve(numbers.size());
    for (const int32_t number : numbers) there.push_back(std::to_string(number));
    throw Error(
        ErrorKind::kUsage,
        Cat("head ", Quoted(name), ": the layer must be a number ",
            dims.numbers.empty() ? Cat("from 0 (embeddings) to ", dims.layers - 1, " for this backbone")
                                 : Cat("of a state that was kept: ", Join(there, ", "))));
  }
  return layer;
}

}  // namespace

const char* HeadKindName(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSpan:
      return "span";
    case HeadKind::kText:
      return "text";
    case HeadKind::kRow:
      return "row";
  }
  return "";
}

HeadKind HeadKindFor(const Task& task, bool cls_only) {
  if (task.of_spans()) return HeadKind::kSpan;
  return cls_only ? HeadKind::kRow : HeadKind::kText;
}

const char* HeadKindReads(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSpan:
      return "the states of all tokens, and gives start and end logits for each";
    case HeadKind::kText:
      return "the states of all tokens, and gives one set of logits a window";
    case HeadKind::kRow:
      return "the pooled output and the [CLS] states, and gives one set of logits a window";
  }
  return "";
}

BackboneDims DimsFor(HeadKind kind, BackboneDims dims) {
  if (kind == HeadKind::kRow) ++dims.layers;
  return dims;
}

const std::vector<HeadEntry>& HeadRegistry() {
  static const std::vector<HeadEntry> list = MakeZoo();
  return list;
}

HeadEntry FindHead(const std::string& name, const BackboneDims& dims) {
  std::vector<std::string> known;
  for (const HeadEntry& entry : HeadRegistry()) {
    if (entry.name == name) return entry;
    known.push_back(entry.name);
  }
  if (const auto layer = LayerOf(name, dims)) {
    const std::vector<int32_t> numbers = NumbersOf(dims);
    const int64_t place = std::find(numbers.begin(), numbers.end(), *layer) - numbers.begin();
    return LayerEntry(name, HeadKind::kSpan,
                      Cat("linear probe of layer ", *layer, *layer == 0 ? " (embeddings)" : ""), place);
  }
  const std::string nearest = Join(Nearest(name, known), " or ");
  throw Error(ErrorKind::kUsage,
              Cat("unknown head ", Quoted(name), nearest.empty() ? "" : Cat("; did you mean ", nearest, "?"),
                  "; `bertvision heads` lists them, and there is layer-0 to layer-", dims.layers - 1));
}

std::unique_ptr<Head> BuildHead(const std::string& name, const BackboneDims& dims, HeadInit init) {
  return FindHead(name, dims).build(dims, init);
}

std::vector<std::string> ExpandHeadNames(const std::vector<std::string>& names, const BackboneDims& dims,
                                         HeadKind kind) {
  std::vector<std::string> expanded;
  const auto add = [&](const std::string& name) {
    if (std::find(expanded.begin(), expanded.end(), name) == expanded.end()) expanded.push_back(name);
  };
  for (const std::string& name : names) {
    if (name == "all") {
      for (const HeadEntry& entry : HeadRegistry()) {
        if (entry.kind == kind && entry.in_all) add(entry.name);
      }
    } else if (name == "layers" && kind == HeadKind::kSpan) {
      for (const int32_t layer : NumbersOf(dims)) add(Cat(kLayerPrefix, layer));
    } else {
      const HeadEntry entry = FindHead(name, dims);
      if (entry.kind != kind) {
        throw Error(ErrorKind::kUsage,
                    Cat("head ", name, " is a ", HeadKindName(entry.kind), " head: it reads ",
                        HeadKindReads(entry.kind), "; these data need a ", HeadKindName(kind),
                        " head, see `bertvision heads`"));
      }
      add(entry.name);
    }
  }
  if (expanded.empty()) throw Error(ErrorKind::kUsage, "no head is named; give names, or all");
  return expanded;
}

}  // namespace bv
