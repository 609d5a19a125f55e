#include "base/strings.h"
#include "cli/head_list.h"
#include "heads/registry.h"
#include "report/table.h"
#include "states/backbone.h"

namespace bv::cli {
namespace {

// A head as it would be built, without memory, and its entry.
struct Subject {
  Subject(const HeadListRequest& request, const std::string& name)
      : entry(FindHead(name, DimsOf(request, HeadKind::kSpan))),
        dims(DimsOf(request, entry.kind)),
        head(entry.build(dims, HeadInit::SizesOnly())),
        outline(head->Outline(request.tokens)) {}

  HeadEntry entry;
  BackboneDims dims;
  std::unique_ptr<Head> head;
  HeadOutline outline;
};

std::string ShapeOf(const at::Tensor& tensor) {
  return Cat(tensor.sizes());
}

std::string StatesShape(const Subject& subject) {
  return Cat(subject.entry.kind == HeadKind::kRow ? "[" : "[T, ", subject.dims.layers, ", ",
             subject.dims.hidden, "]");
}

std::string Facts(const HeadListRequest& request, const Subject& subject) {
  const HeadEntry& entry = subject.entry;
  const int64_t count = subject.head->ParameterCount(), trained = subject.head->TrainableCount();
  const int64_t whole = BackboneParameters(request.config);
  std::string text = Cat(entry.name, ": ", entry.composition, "\n\n");
  text += Cat("reads       ", HeadKindReads(entry.kind), "\n");
  text += Cat("parameters  ", Thousands(count));
  if (trained != count)
    text += Cat(", ", Thousands(trained), " of them trained, the rest running statistics");
  text += Cat("\n            ", Fixed(PercentOf(count, kBertLargeSpanParameters), 3), " % of BERT-large, ",
              Fixed(PercentOf(count, whole), 3), " % of ", request.backbone, "\n");
  text += Cat("formula     ", entry.formula, " with L=", subject.dims.layers, ", H=", subject.dims.hidden);
  if (entry.kind != HeadKind::kSpan) text += Cat(", C=", subject.dims.outputs);
  if (entry.kind == HeadKind::kText) text += Cat(", T=", subject.dims.tokens);
  text += Cat("\ncost        ", HumanCount(subject.outline.multiply_adds()), " multiply-adds a window of ",
              request.tokens, " tokens\nto train    ",
              HumanBytes(TrainingBytes(entry, subject.dims, BatchOf(request))), " for batches of ",
              request.windows, " such windows, by forecast, without the states\n");
  if (!entry.in_all) text += "            not part of --head all\n";
  return text;
}

std::string Stages(const Subject& subject) {
  Table table({{"shape", Align::kLeft}, {"what happens", Align::kLeft}, {"parameters"}, {"multiply-adds"}});
  table.AddRow({StatesShape(subject), "states of a window", {}, {}});
  for (const HeadStage& stage : subject.outline.stages()) {
    table.AddRow({Cat("→ ", stage.shape), stage.what,
                  stage.parameters > 0 ? Cell(stage.parameters) : Cell(std::string()),
                  stage.multiply_adds > 0 ? HumanCount(stage.multiply_adds) : std::string()});
  }
  return table.Print(TableFormat::kText);
}

std::string Parameters(const Subject& subject) {
  Table table({{"parameter", Align::kLeft}, {"shape", Align::kLeft}, {"starts as", Align::kLeft}});
  const auto& parameters = subject.head->parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    table.AddRow({parameters[i].name, ShapeOf(parameters[i].tensor), subject.head->starts()[i]});
  }
  for (const NamedTensor& buffer : subject.head->buffers()) {
    table.AddRow({buffer.name, ShapeOf(buffer.tensor),
                  buffer.name.ends_with("mean") ? "0, not trained" : "1, not trained"});
  }
  return table.Print(TableFormat::kText);
}

}  // namespace

std::string HeadPageText(const HeadListRequest& request, const std::string& name) {
  const Subject subject(request, name);
  return Cat(Facts(request, subject), "\n", Stages(subject), "\n", Parameters(subject));
}

OrderedJson HeadPageJson(const HeadListRequest& request, const std::string& name) {
  const Subject subject(request, name);
  OrderedJson json = {{"name", subject.entry.name},
                      {"kind", HeadKindName(subject.entry.kind)},
                      {"composition", subject.entry.composition},
                      {"formula", subject.entry.formula},
                      {"parameters", subject.head->ParameterCount()},
                      {"trainable", subject.head->TrainableCount()},
                      {"multiply_adds", static_cast<int64_t>(subject.outline.multiply_adds())},
                      {"training_bytes", TrainingBytes(subject.entry, subject.dims, BatchOf(request))},
                      {"tokens", request.tokens},
                      {"batch_size", request.windows},
                      {"in_all", subject.entry.in_all},
                      {"states", StatesShape(subject)}};
  json["stages"] = OrderedJson::array();
  for (const HeadStage& stage : subject.outline.stages()) {
    json["stages"].push_back({{"what", stage.what},
                              {"shape", stage.shape},
                              {"parameters", stage.parameters},
                              {"multiply_adds", static_cast<int64_t>(stage.multiply_adds)}});
  }
  json["tensors"] = OrderedJson::array();
  const auto& parameters = subject.head->parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    json["tensors"].push_back({{"name", parameters[i].name},
                               {"shape", parameters[i].tensor.sizes().vec()},
                               {"starts", subject.head->starts()[i]}});
  }
  return json;
}

}  // namespace bv::cli
