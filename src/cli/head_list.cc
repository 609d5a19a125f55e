#include "cli/head_list.h"

#include <array>

#include "base/model_folder.h"
#include "base/strings.h"
#include "heads/registry.h"
#include "report/table.h"
#include "states/backbone.h"

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

}  // namespace

BackboneDims DimsOf(const HeadListRequest& request, HeadKind kind) {
  BackboneDims dims = DimsFor(kind, {request.config.state_layers(), request.config.hidden_size});
  if (kind != HeadKind::kSpan) dims.outputs = request.outputs;
  if (kind == HeadKind::kText) dims.tokens = request.tokens;
  return dims;
}

BatchSize BatchOf(const HeadListRequest& request) {
  return {request.windows, request.tokens, request.tokens};
}

double PercentOf(int64_t part, int64_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string HumanCount(double value) {
  constexpr std::array kSteps = {"", " k", " M", " G", " T", " P"};
  size_t step = 0;
  for (; value >= 999.5 && step + 1 < kSteps.size(); ++step) value /= 1000;
  const int decimals = step == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return Fixed(value, decimals) + kSteps[step];
}

BertConfig BackboneConfig(const std::string& name) {
  if (name == "bert-base") return Sizes(12, 768);
  if (name == "bert-large") return Sizes(24, 1024);
  if (name == "minilm") return Sizes(6, 384);
  return ReadBertConfig(FindModelFolder(name));
}

std::string HeadListText(const HeadListRequest& request) {
  const int64_t whole = BackboneParameters(request.config);
  Table table({{"head", Align::kLeft},
               {"kind", Align::kLeft},
               {"parameters"},
               {"% of BERT-large", Align::kRight, 3},
               {"% of backbone", Align::kRight, 3},
               {"multiply-adds"},
               {"to train"},
               {"formula", Align::kLeft},
               {"what it is", Align::kLeft}});
  const auto add = [&](const std::string& name, const HeadEntry& entry, const std::string& what) {
    const BackboneDims dims = DimsOf(request, entry.kind);
    const HeadOutline outline = entry.outline(dims, request.tokens);
    const int64_t count = outline.parameters();
    table.AddRow({name, HeadKindName(entry.kind), count, PercentOf(count, kBertLargeSpanParameters),
                  PercentOf(count, whole), HumanCount(outline.multiply_adds()),
                  HumanBytes(TrainingBytes(entry, dims, BatchOf(request))), entry.formula, what});
  };
  HeadKind kind = HeadKind::kSpan;
  for (const HeadEntry& entry : HeadRegistry()) {
    if (entry.kind != kind) table.AddRule();
    kind = entry.kind;
    add(entry.name, entry, entry.composition);
    if (entry.name != "last-layer") continue;
    add("layer-<k>", FindHead("layer-0", DimsOf(request, HeadKind::kSpan)),
        Cat("linear probe of layer k, 0 (embeddings) to ", request.config.state_layers() - 1));
  }
  std::string text = table.Print(TableFormat::kText);
  text += Cat("\n", request.backbone, ": L=", request.config.state_layers(),
              " states a token (rows: ", request.config.state_layers() + 1,
              "), H=", request.config.hidden_size, ", ", Thousands(whole),
              " parameters with a span output; C=", request.outputs, " outputs of heads that classify.\n");
  for (const HeadKind each : {HeadKind::kSpan, HeadKind::kRow, HeadKind::kText}) {
    text += Cat("A ", HeadKindName(each), " head reads ", HeadKindReads(each), ".\n");
  }
  text += Cat("Multiply-adds are those of a window of ", request.tokens, " tokens; memory is a forecast for ",
              "batches of ", request.windows,
              " such windows, without the states.\n`bertvision heads NAME` explains one.\n");
  return text;
}

OrderedJson HeadListJson(const HeadListRequest& request) {
  const int64_t whole = BackboneParameters(request.config);
  std::vector<HeadEntry> entries = HeadRegistry();
  const BackboneDims span = DimsOf(request, HeadKind::kSpan);
  for (const std::string& name : ExpandHeadNames({"layers"}, span)) entries.push_back(FindHead(name, span));
  OrderedJson list = OrderedJson::array();
  for (const HeadEntry& entry : entries) {
    const BackboneDims dims = DimsOf(request, entry.kind);
    const auto head = entry.build(dims, HeadInit::SizesOnly());
    const int64_t count = head->ParameterCount();
    list.push_back({{"name", entry.name},
                    {"kind", HeadKindName(entry.kind)},
                    {"parameters", count},
                    {"trainable", head->TrainableCount()},
                    {"percent_of_bert_large", PercentOf(count, kBertLargeSpanParameters)},
                    {"percent_of_backbone", PercentOf(count, whole)},
                    {"multiply_adds", static_cast<int64_t>(head->Outline(request.tokens).multiply_adds())},
                    {"training_bytes", TrainingBytes(entry, dims, BatchOf(request))},
                    {"tokens", request.tokens},
                    {"batch_size", request.windows},
                    {"in_all", entry.in_all},
                    {"formula", entry.formula},
                    {"composition", entry.composition}});
  }
  return list;
}

}  // namespace bv::cli
