#include "run/predictions.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr size_t kIdsShown = 5;

// {id: value} with a line a question, streamed: an ordered JSON object takes quadratic time to build.
template <typename ValueOf>
void WriteById(const fs::path& path, const QaData& data, const ValueOf& value_of) {
  AtomicFile file(path);
  for (size_t i = 0; i < data.examples.size(); ++i) {
    std::string id = JsonLine(data.examples[i].id), value = JsonLine(value_of(i));
    id.pop_back();  // the newlines
    value.pop_back();
    file.Write(Cat(i == 0 ? "{\n  " : ",\n  ", id, ": ", value));
  }
  file.Write(data.examples.empty() ? "{}\n" : "\n}\n");
  file.Commit();
}

OrderedJson NBestJson(const DecodedAnswer& answer) {
  OrderedJson list = OrderedJson::array();
  for (const SpanCandidate& candidate : answer.n_best) {
    list.push_back({{"text", candidate.text},
                    {"probability", candidate.probability},
                    {"start_logit", candidate.start_logit},
                    {"end_logit", candidate.end_logit}});
  }
  return list;
}

// The keys of the top-level object in the file's order, duplicates included.
std::vector<std::string> KeysInOrder(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::vector<std::string> keys;
  const auto collect = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1) keys.push_back(parsed.get<std::string>());
    return event != Json::parse_event_t::key;  // values are not needed
  };
  [[maybe_unused]] const Json discarded = Json::parse(text.begin(), text.end(), collect);
  return keys;
}

std::string FirstOf(const std::vector<std::string>& ids) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(kIdsShown, ids.size()); ++i) shown.push_back(Quoted(ids[i]));
  return Join(shown, ", ") + (ids.size() > kIdsShown ? ", …" : "");
}

void CheckIds(const std::vector<std::string>& ids, const std::string& file, const QaData& data) {
  std::unordered_set<std::string> in_file;
  for (const std::string& id : ids) {
    if (!in_file.insert(id).second) throw DataError(file, Cat("the id ", Quoted(id), " stands in it twice"));
  }
  std::vector<std::string> missing;
  size_t found = 0;
  for (const QaExample& example : data.examples) {
    if (in_file.contains(example.id)) {
      ++found;
    } else {
      missing.push_back(example.id);
    }
  }
  if (!missing.empty()) {
    throw DataError(file, Cat(missing.size(), " of the ", data.examples.size(), " questions of ", data.file,
                              " are missing: ", FirstOf(missing),
                              found == 0 ? "; it probably belongs to other data" : ""));
  }
  if (ids.size() > found) LogWarning(Cat(file, ": ", ids.size() - found, " ids are not in ", data.file));
}

// The object in the file and its ids in order, checked against the data.
std::pair<Json, std::vector<std::string>> ReadById(const fs::path& path, const QaData& data) {
  const std::string text = ReadFile(path);
  Json json = ParseJson(text, path.string());
  if (!json.is_object()) {
    throw DataError(path.string(),
                    Cat("the top level is ", json.type_name(), ", an object {id: …} is needed"));
  }
  std::vector<std::string> ids = KeysInOrder(text);
  CheckIds(ids, path.string(), data);
  return {std::move(json), std::move(ids)};
}

SpanCandidate ReadCandidate(const Json& json, const std::string& file, const std::string& where) {
  SpanCandidate candidate;
  candidate.text = RequireString(json, "text", file, where);
  candidate.probability = RequireNumber(json, "probability", file, where);
  candidate.start_logit = RequireNumber(json, "start_logit", file, where);
  candidate.end_logit = RequireNumber(json, "end_logit", file, where);
  if (!(candidate.probability >= 0 && candidate.probability <= 1)) {
    throw DataError(file, Cat("'", where, ".probability' is ", candidate.probability, ", allowed is 0 to 1"));
  }
  return candidate;
}

}  // namespace

void WritePredictions(const fs::path& folder, const QaData& data, std::span<const DecodedAnswer> answers,
                      bool write_null_odds) {
  if (answers.size() != data.examples.size()) {
    throw Error(ErrorKind::kInternal,
                Cat(answers.size(), " answers for ", data.examples.size(), " questions"));
  }
  WriteById(folder / "nbest_predictions.json", data, [&](size_t i) { return NBestJson(answers[i]); });
  const bool has_null = std::all_of(answers.begin(), answers.end(),
                                    [](const DecodedAnswer& answer) { return answer.has_null; });
  if (has_null && (data.has_impossible || write_null_odds)) {
    WriteById(folder / "null_odds.json", data, [&](size_t i) { return OrderedJson(answers[i].null_odds); });
  }
  WriteById(folder / "predictions.json", data, [&](size_t i) { return OrderedJson(answers[i].text); });
}

Predictions ReadPredictions(const fs::path& file, const QaData& data) {
  const auto [json, ids] = ReadById(file, data);
  Predictions predictions;
  for (const std::string& id : ids) predictions[id] = RequireString(json, id, file.string());
  return predictions;
}

NullOdds ReadNullOdds(const fs::path& file, const QaData& data) {
  const auto [json, ids] = ReadById(file, data);
  NullOdds odds;
  for (const std::string& id : ids) odds.emplace_back(id, RequireNumber(json, id, file.string()));
  return odds;
}

NBest ReadNBest(const fs::path& file, const QaData& data) {
  const auto [json, ids] = ReadById(file, data);
  NBest all;
  for (const std::string& id : ids) {
    const Json& list = RequireArray(json, id, file.string());
    std::vector<SpanCandidate>& candidates = all[id];
    for (size_t i = 0; i < list.size(); ++i) {
      candidates.push_back(ReadCandidate(list[i], file.string(), Cat(id, "[", i, "]")));
    }
  }
  return all;
}

}  // namespace bv
