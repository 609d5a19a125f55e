#include "cli/store_report.h"

#include "base/strings.h"
#include "features/window_json.h"
#include "report/table.h"
#include "store/index_json.h"

namespace bv::cli {

std::string StoreReportText(const std::string& folder, const StoreIndex& index) {
  const StoreInfo& info = index.info;
  Table table({{folder + ": a store of states", Align::kLeft}, {"", Align::kLeft}});
  table.AddRow({"backbone", Cat(info.backbone, " (", info.backbone_fingerprint, ")")});
  table.AddRow({"data", Cat(info.data, " (", info.data_hash, ")")});
  table.AddRow({"questions", Thousands(index.examples.examples)});
  table.AddRow({"windows", Cat(Thousands(info.windows), " ", WindowText(info.cut))});
  table.AddRow({"tokens", Cat(Thousands(info.tokens), " (",
                              Fixed(static_cast<double>(info.tokens) / static_cast<double>(info.windows), 1),
                              " a window)")});
  std::vector<std::string> layers;
  for (const int32_t layer : info.layers) layers.push_back(std::to_string(layer));
  table.AddRow({"states", Cat(info.layers.size(), " x ", info.hidden, " a token, kept as ",
                              CodecName(info.codec), ", computed in ", info.precision)});
  table.AddRow({"layers", Join(layers, " ") + " (0: embeddings)"});
  table.AddRow(
      {"size", Cat(HumanBytes(index.bytes()), " in ", Thousands(static_cast<int64_t>(index.shards.size())),
                   " shards, ", HumanBytes(index.bytes() / info.windows), " a window")});
  table.AddRow({"written by", index.program});
  return table.Print(TableFormat::kText);
}

OrderedJson StoreReportJson(const std::string& folder, const StoreIndex& index) {
  OrderedJson json = {{"kind", "store"}, {"folder", folder}};
  json.update(HeadToJson(index));
  json["shards"] = index.shards.size();
  json["bytes"] = index.bytes();
  return json;
}

}  // namespace bv::cli
