#include "cli/bench_report.h"

#include <cmath>
#include <vector>

#include "base/strings.h"
#include "device/machine.h"
#include "report/table.h"

namespace bv::cli {
namespace {

using bench::BenchResult;
using bench::EncoderRate;
using bench::PrecisionRates;
using bench::Rates;

constexpr double kGiga = 1e9;

std::string GigaBytes(const Rates& rates) {
  return Fixed(rates.median() / kGiga, 2) + " GB/s";
}

std::string MachineText(const BenchSubject& subject) {
  const CpuInfo& cpu = ThisCpu();
  const std::string name = cpu.model.empty() ? "this processor" : cpu.model;
  return Cat(subject.model, ": ", subject.config.num_layers, " layers, ", subject.config.hidden_size,
             " wide, on ", name, " (", Join(cpu.instructions, " "), "), ", subject.threads,
             subject.threads == 1 ? " thread" : " threads", "\n\n");
}

std::string EncoderText(const BenchSubject& subject, const BenchResult& result) {
  Table table({{"states of all layers", Align::kLeft},
               {"windows of", Align::kLeft},
               {"tokens/s"},
               {"slowest"},
               {"fastest"},
               {"repeats"},
               {"% of the limit", Align::kRight, 1}});
  for (const PrecisionRates& rates : result.precisions) {
    const std::string name = PrecisionName(rates.precision);
    const auto add = [&](const std::string& what, const EncoderRate& rate) {
      const Rates& tokens = rate.tokens_per_second;
      table.AddRow({name, what, std::llround(tokens.median()), std::llround(tokens.slowest()),
                    std::llround(tokens.fastest()), static_cast<int64_t>(tokens.values.size()),
                    100 * rate.ShareOf(rates.limit)});
    };
    for (const auto& of_length : rates.lengths) add(Cat(of_length.length, " tokens"), of_length.rate);
    if (rates.data) add(fs::path(subject.data->file).filename().string(), *rates.data);
  }
  std::string text = table.Print(TableFormat::kText);
  for (const PrecisionRates& rates : result.precisions) {
    text += Cat("limit of ", PrecisionName(rates.precision), ": the matrix products alone, ",
                Fixed(rates.limit.MultiplyAddsPerSecond() / kGiga, 1), " billion multiply-adds/s\n");
  }
  return text + "\n";
}

std::string StoreText(const bench::StoreRates& rates) {
  Table table({{"a store in the scratch folder", Align::kLeft}, {"", Align::kLeft}});
  table.AddRow({"size", Cat(HumanBytes(rates.bytes), ", ", Thousands(rates.windows), " windows, ",
                            Thousands(rates.tokens), " tokens")});
  table.AddRow({"written", GigaBytes(rates.write) + ", synced to the disk"});
  table.AddRow({"read", GigaBytes(rates.read) + ", from the system's memory"});
  table.AddRow({"heads trained",
                Cat(Thousands(std::llround(rates.train.median())), " windows/s, ", bench::kBenchHead)});
  return table.Print(TableFormat::kText) + "\n";
}

// Of a precision that measured the data's own windows.
double ExtractionSeconds(const BenchedData& data, const PrecisionRates& rates, const BenchResult& result) {
  const double write = result.store ? result.store->write.median() : 0;
  return bench::ExtractionSeconds(data.tokens, rates.data->tokens_per_second.median(), data.bytes, write);
}

double EpochSeconds(const BenchedData& data, const bench::StoreRates& rates) {
  return static_cast<double>(data.windows) / rates.train.median();
}

std::string ForecastText(const BenchedData& data, const BenchResult& result) {
  Table table({{"all of " + data.file, Align::kLeft}, {"", Align::kLeft}});
  table.AddRow({"windows", Cat(Thousands(data.windows), ", ", Thousands(data.tokens), " tokens, cut in ",
                               Fixed(data.cut_seconds, 2), " s")});
  for (const PrecisionRates& rates : result.precisions) {
    if (!rates.data) continue;
    table.AddRow({Cat("extract, ", PrecisionName(rates.precision)),
                  Cat("about ", HumanSeconds(ExtractionSeconds(data, rates, result)))});
  }
  table.AddRow({"disk", Cat(HumanBytes(data.bytes), " (", CodecName(kForecastCodec), ")")});
  if (result.store) {
    table.AddRow({"train, an epoch",
                  Cat("about ", HumanSeconds(EpochSeconds(data, *result.store)), ", ", bench::kBenchHead)});
  }
  return table.Print(TableFormat::kText) + "\n";
}

// The median is "<unit>_per_second".
OrderedJson RatesJson(const std::string& unit, const Rates& rates) {
  return {{unit + "_per_second", rates.median()},
          {"slowest", rates.slowest()},
          {"fastest", rates.fastest()},
          {"repeats", rates.values.size()}};
}

OrderedJson EncoderJson(const EncoderRate& rate, const bench::ProductLimit& limit) {
  OrderedJson json = {{"windows", rate.windows}, {"tokens", rate.tokens}};
  json.update(RatesJson("tokens", rate.tokens_per_second));
  json["multiply_adds_per_token"] = rate.multiply_adds_per_token;
  json["share_of_limit"] = rate.ShareOf(limit);
  return json;
}

OrderedJson PrecisionJson(const PrecisionRates& rates) {
  OrderedJson shapes = OrderedJson::array();
  for (size_t i = 0; i < rates.limit.shapes.size(); ++i) {
    const LinearShape& shape = rates.limit.shapes[i];
    shapes.push_back(
        {{"in", shape.in},
         {"out", shape.out},
         {"multiply_adds_per_second", shape.multiply_adds() * rates.limit.rows_per_second[i].median()}});
  }
  OrderedJson json = {{"limit",
                       {{"multiply_adds_per_second", rates.limit.MultiplyAddsPerSecond()},
                        {"rows", rates.limit.rows},
                        {"products", shapes}}}};
  OrderedJson lengths = OrderedJson::array();
  for (const auto& of_length : rates.lengths) {
    OrderedJson entry = {{"length", of_length.length}};
    entry.update(EncoderJson(of_length.rate, rates.limit));
    lengths.push_back(std::move(entry));
  }
  if (!lengths.empty()) json["lengths"] = std::move(lengths);
  if (rates.data) json["data"] = EncoderJson(*rates.data, rates.limit);
  return json;
}

OrderedJson StoreJson(const bench::StoreRates& rates) {
  OrderedJson training = {{"head", bench::kBenchHead}};
  training.update(RatesJson("windows", rates.train));
  return {{"windows", rates.windows},
          {"tokens", rates.tokens},
          {"bytes", rates.bytes},
          {"write", RatesJson("bytes", rates.write)},
          {"read", RatesJson("bytes", rates.read)},
          {"train", std::move(training)}};
}

OrderedJson ForecastJson(const BenchedData& data, const BenchResult& result) {
  OrderedJson extract = OrderedJson::object();
  for (const PrecisionRates& rates : result.precisions) {
    if (rates.data) extract[PrecisionName(rates.precision)] = ExtractionSeconds(data, rates, result);
  }
  OrderedJson json = {{"file", data.file},     {"windows", data.windows},
                      {"tokens", data.tokens}, {"cut_seconds", data.cut_seconds},
                      {"bytes", data.bytes},   {"codec", CodecName(kForecastCodec)}};
  if (!extract.empty()) json["extract_seconds"] = std::move(extract);
  if (result.store) json["train_epoch_seconds"] = EpochSeconds(data, *result.store);
  return json;
}

}  // namespace

std::string BenchText(const BenchSubject& subject, const BenchResult& result) {
  std::string text = MachineText(subject);
  if (!result.precisions.empty()) text += EncoderText(subject, result);
  if (result.store) text += StoreText(*result.store);
  if (subject.data) text += ForecastText(*subject.data, result);
  text.pop_back();  // the empty line behind the last part
  return text;
}

OrderedJson BenchJson(const BenchSubject& subject, const BenchResult& result) {
  OrderedJson json = {{"model", subject.model},
                      {"layers", subject.config.num_layers},
                      {"hidden", subject.config.hidden_size},
                      {"intermediate", subject.config.intermediate_size},
                      {"machine", MachineRecord(subject.threads)}};
  OrderedJson precisions = OrderedJson::object();
  for (const PrecisionRates& rates : result.precisions)
    precisions[PrecisionName(rates.precision)] = PrecisionJson(rates);
  if (!precisions.empty()) json["precisions"] = std::move(precisions);
  if (result.store) json["store"] = StoreJson(*result.store);
  if (subject.data) json["forecast"] = ForecastJson(*subject.data, result);
  return json;
}

}  // namespace bv::cli
