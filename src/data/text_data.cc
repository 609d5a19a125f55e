#include "data/text_data.h"

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "data/delimited.h"
#include "data/text_builder.h"
#include "data/text_table.h"

namespace bv {
namespace {

TextFormat FormatOf(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".tsv" || extension == ".txt") return TextFormat::kTsv;
  if (extension == ".csv") return TextFormat::kCsv;
  if (extension == ".jsonl" || extension == ".ndjson" || path == "-") return TextFormat::kJsonl;
  throw Error(ErrorKind::kUsage,
              Cat(path.string(), ": the name tells no format; known are .tsv, .txt, .csv, ",
                  ".jsonl and .ndjson, for others name the format"));
}

void ReadTable(const TextFile& file, bool csv, const TextOptions& options, TextBuilder* builder) {
  DelimitedReader reader(file, csv ? ',' : '\t', options.quoting.value_or(csv));
  std::vector<std::string> header;
  if (!reader.Next(&header)) throw DataError(file.name, "it is empty, a header line is needed");
  const TextColumns& names = options.columns;
  TextTable table;
  table.columns = header.size();
  table.text_a = *FindColumn(file, header, names.text, true);
  if (!names.text_b.empty()) table.text_b = FindColumn(file, header, names.text_b, true);
  if (options.labels != LabelUse::kIgnored) {
    table.label = FindColumn(file, header, names.label, options.labels == LabelUse::kRequired);
  }
  table.id = FindColumn(file, header, names.id.empty() ? "id" : names.id, !names.id.empty());
  table.skip_bad_rows = options.skip_bad_rows;
  AddRows(file, table, &reader, builder);
}

// A label or an id as text; nothing for null and for a key that is not there.
std::optional<std::string> Scalar(const Json& object, const std::string& key, const std::string& place) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number() || found->is_boolean()) return found->dump();
  throw DataError(place, Cat(Quoted(key), " is ", found->type_name(), ", a string or number is needed"));
}

void AddJsonRow(const TextFile& file, std::string_view line, int64_t number, const TextOptions& options,
                TextBuilder* builder) {
  const TextColumns& names = options.columns;
  const std::string place = Cat(file.name, ":", number);
  const Json object = ParseJson(line, place);
  TextRow row;
  row.line = number;
  row.text_a = RequireString(object, names.text.c_str(), place);
  if (!names.text_b.empty()) row.text_b = RequireString(object, names.text_b.c_str(), place);
  if (options.labels != LabelUse::kIgnored) row.label = Scalar(object, names.label, place);
  const std::optional<std::string> id = Scalar(object, names.id.empty() ? "id" : names.id, place);
  if (!id && !names.id.empty()) throw DataError(place, Cat("key ", Quoted(names.id), " is missing"));
  row.id = id.value_or("");
  builder->Add(std::move(row));
}

void ReadJsonRows(const TextFile& file, const TextOptions& options, TextBuilder* builder) {
  const std::string_view text = file.text;
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    ++number;
    if (!TrimSpaces(line).empty()) AddJsonRow(file, line, number, options, builder);
    begin = end + 1;
  }
}

}  // namespace

TextData ReadTextData(const std::filesystem::path& path, const TextOptions& options) {
  const TextFormat format = options.format == TextFormat::kByName ? FormatOf(path) : options.format;
  const TextFile file = ReadTextFile(path);
  TextBuilder builder(file.name, file.hash, !options.columns.text_b.empty(), options);
  if (format == TextFormat::kJsonl) {
    ReadJsonRows(file, options, &builder);
  } else {
    ReadTable(file, format == TextFormat::kCsv, options, &builder);
  }
  return builder.Finish();
}

TextData AnswerTypeData(const QaData& data, bool with_context, const TextOptions& options) {
  TextOptions kinds = options;
  kinds.regression = false;
  TextBuilder builder(data.file, data.hash, with_context, kinds);
  for (const QaExample& example : data.examples) {
    if (example.answer_type.empty() && kinds.labels == LabelUse::kRequired) {
      throw DataError(data.file, Cat("question ", Quoted(example.id), " has no 'answer_type'"));
    }
    TextRow row;
    row.id = example.id;
    row.text_a = example.question;
    if (with_context) row.text_b = data.Context(example);
    row.label = example.answer_type;
    builder.Add(std::move(row));
  }
  return builder.Finish();
}

}  // namespace bv
