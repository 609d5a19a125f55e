#include "heads/registry.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/strings.h"
#include "heads/adapter_heads.h"
#include "heads/linear_heads.h"

namespace bv {
namespace {

constexpr std::string_view kLayerPrefix = "layer-";

HeadEntry Adapter(const std::string& name, const std::string& composition, const std::string& formula,
                  const AdapterShape& shape) {
  HeadEntry entry{name, HeadKind::kSpan, composition, formula, nullptr, nullptr};
  entry.parameters = [shape](const BackboneDims& dims) { return AdapterHeadParameters(dims, shape); };
  entry.build = [name, shape](const BackboneDims& dims, uint64_t seed) {
    return MakeAdapterHead(name, dims, seed, shape);
  };
  return entry;
}

// layer -1 is the last one.
HeadEntry Layer(const std::string& name, const std::string& composition, int64_t layer) {
  HeadEntry entry{name, HeadKind::kSpan, composition, "2H+2", nullptr, nullptr};
  entry.parameters = [](const BackboneDims& dims) { return 2 * dims.hidden + 2; };
  entry.build = [name, layer](const BackboneDims& dims, uint64_t seed) {
    return MakeLayerHead(name, dims, seed, layer < 0 ? dims.layers + layer : layer);
  };
  return entry;
}

HeadEntry LearnedPooling() {
  HeadEntry entry{"learned-pooling", HeadKind::kSpan, "learned pooling of all layers, linear",
                  "L+1+2H+2",        nullptr,         nullptr};
  entry.parameters = [](const BackboneDims& dims) { return dims.layers + 1 + 2 * dims.hidden + 2; };
  entry.build = [name = entry.name](const BackboneDims& dims, uint64_t seed) {
    return MakeLearnedPoolingHead(name, dims, seed);
  };
  return entry;
}

std::vector<HeadEntry> MakeRegistry() {
  using enum AdapterShape::Input;
  std::vector<HeadEntry> list;
  list.push_back(LearnedPooling());
  for (const int64_t d : {64, 386}) {
    for (const bool shared : {true, false}) {
      for (const bool skip : {false, true}) {
        const std::string adapters = shared ? "Hd+d" : "L(Hd+d)";
        list.push_back(Adapter(Cat("adapter-", d, shared ? "-shared" : "-unshared", skip ? "-skip" : ""),
                               Cat(shared ? "one adapter for all layers" : "an adapter per layer", ", d=", d,
                                   ", flattened", skip ? ", with the last layer" : "", ", linear"),
                               adapters + (skip ? "+2(Ld+H)+2" : "+2Ld+2"), {kLayers, d, shared, skip}));
      }
    }
  }
  list.push_back(Adapter("lp-adapter-386", "learned pooling, adapter, d=386, with the last layer, linear",
                         "L+1+Hd+d+2(d+H)+2", {kPooled, 386, true, true}));
  list.push_back(
      Adapter("adapter-386-shared-lp-branch",
              "one adapter for all layers, flattened, beside learned pooling and an adapter, d=386, linear",
              "2(Hd+d)+L+1+2(Ld+d)+2", {kLayersAndPooled, 386, true, false}));
  list.push_back(Layer("last-layer", "control: the last layer's state, linear", -1));
  return list;
}

// k of "layer-<k>" with k in [0, layers).
std::optional<int64_t> LayerOf(const std::string& name, int64_t layers) {
  if (!name.starts_with(kLayerPrefix)) return std::nullopt;
  int64_t layer = -1;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kLayerPrefix.size(), end, layer);
  const bool plain = error == std::errc() && stop == end && name == Cat(kLayerPrefix, layer);
  if (!plain || layer < 0 || layer >= layers) {
    throw Error(ErrorKind::kUsage,
                Cat("head ", Quoted(name), ": the layer must be a number from 0 (embeddings) to ", layers - 1,
                    " for this backbone"));
  }
  return layer;
}

}  // namespace

const char* HeadKindName(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSpan:
      return "span";
  }
  return "";
}

const std::vector<HeadEntry>& HeadRegistry() {
  static const std::vector<HeadEntry> list = MakeRegistry();
  return list;
}

HeadEntry FindHead(const std::string& name, const BackboneDims& dims) {
  std::vector<std::string> known;
  for (const HeadEntry& entry : HeadRegistry()) {
    if (entry.name == name) return entry;
    known.push_back(entry.name);
  }
  if (const auto layer = LayerOf(name, dims.layers)) {
    return Layer(name, Cat("linear probe of layer ", *layer, *layer == 0 ? " (embeddings)" : ""), *layer);
  }
  throw Error(ErrorKind::kUsage,
              Cat("unknown head ", Quoted(name), "; did you mean ", Join(Nearest(name, known), " or "),
                  "? Known: ", Join(known, ", "), ", layer-0 to layer-", dims.layers - 1));
}

std::unique_ptr<Head> BuildHead(const std::string& name, const BackboneDims& dims, uint64_t seed) {
  return FindHead(name, dims).build(dims, seed);
}

std::vector<std::string> ExpandHeadNames(const std::vector<std::string>& names, const BackboneDims& dims) {
  std::vector<std::string> expanded;
  const auto add = [&](const std::string& name) {
    if (std::find(expanded.begin(), expanded.end(), name) == expanded.end()) expanded.push_back(name);
  };
  for (const std::string& name : names) {
    if (name == "all") {
      for (const HeadEntry& entry : HeadRegistry()) add(entry.name);
    } else if (name == "layers") {
      for (int64_t layer = 0; layer < dims.layers; ++layer) add(Cat(kLayerPrefix, layer));
    } else {
      add(FindHead(name, dims).name);
    }
  }
  if (expanded.empty()) throw Error(ErrorKind::kUsage, "no head is named; give names, or all");
  return expanded;
}

}  // namespace bv
