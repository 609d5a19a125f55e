#include "cli/head_list.h"

#include "base/model_folder.h"
#include "base/strings.h"
#include "bert/weights.h"
#include "heads/registry.h"
#include "report/table.h"

namespace bv::cli {
namespace {

BertConfig Sizes(int64_t layers, int64_t hidden) {
  BertConfig config;
  config.vocab_size = 30522;
  config.hidden_size = hidden;
  config.num_layers = layers;
  config.intermediate_size = 4 * hidden;
  config.max_positions = 512;
  config.type_vocab_size = 2;
  return config;
}

BackboneDims DimsOf(const BertConfig& config) {
  return {config.state_layers(), config.hidden_size};
}

double Percent(int64_t part, int64_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

BertConfig BackboneConfig(const std::string& name) {
  if (name == "bert-base") return Sizes(12, 768);
  if (name == "bert-large") return Sizes(24, 1024);
  if (name == "minilm") return Sizes(6, 384);
  return ReadBertConfig(FindModelFolder(name));
}

int64_t SpanModelParameters(const BertConfig& config) {
  int64_t count = 0;
  for (const WeightEntry& entry : EncoderTable(config)) {
    int64_t values = 1;
    for (const int64_t size : entry.shape) values *= size;
    count += values;
  }
  const int64_t hidden = config.hidden_size;
  return count + (hidden * hidden + hidden) + (2 * hidden + 2);
}

std::string HeadListText(const std::string& backbone, const BertConfig& config) {
  const BackboneDims dims = DimsOf(config);
  const int64_t whole = SpanModelParameters(config);
  Table table({{"head", Align::kLeft},
               {"parameters"},
               {"% of BERT-large", Align::kRight, 3},
               {"% of backbone", Align::kRight, 3},
               {"formula", Align::kLeft},
               {"what it is", Align::kLeft}});
  const auto add = [&](const std::string& name, const HeadEntry& entry, const std::string& what) {
    const int64_t count = entry.parameters(dims);
    table.AddRow(
        {name, count, Percent(count, kBertLargeSpanParameters), Percent(count, whole), entry.formula, what});
  };
  for (const HeadEntry& entry : HeadRegistry()) add(entry.name, entry, entry.composition);
  add("layer-<k>", FindHead("layer-0", dims),
      Cat("linear probe of layer k, 0 (embeddings) to ", dims.layers - 1));
  return Cat(table.Print(TableFormat::kText), "\n", backbone, ": L=", dims.layers,
             " states a token, H=", dims.hidden, ", ", Thousands(whole),
             " parameters with a span output. All heads are span heads.\n");
}

OrderedJson HeadListJson(const BertConfig& config) {
  const BackboneDims dims = DimsOf(config);
  const int64_t whole = SpanModelParameters(config);
  OrderedJson list = OrderedJson::array();
  for (const std::string& name : ExpandHeadNames({"all", "layers"}, dims)) {
    const HeadEntry entry = FindHead(name, dims);
    const int64_t count = entry.parameters(dims);
    list.push_back({{"name", name},
                    {"kind", HeadKindName(entry.kind)},
                    {"parameters", count},
                    {"percent_of_bert_large", Percent(count, kBertLargeSpanParameters)},
                    {"percent_of_backbone", Percent(count, whole)},
                    {"formula", entry.formula},
                    {"composition", entry.composition}});
  }
  return list;
}

}  // namespace bv::cli
