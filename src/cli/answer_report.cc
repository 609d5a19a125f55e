#include "cli/answer_report.h"

#include <algorithm>

#include "base/strings.h"
#include "report/table.h"

namespace bv::cli {
namespace {

constexpr size_t kTextShown = 60;  // bytes of a candidate in the table

int64_t PointAt(const std::string& context, int64_t byte) {
  return CodePoints(std::string_view(context).substr(0, static_cast<size_t>(byte)));
}

void AddPlace(const std::string& context, int64_t begin, int64_t end, OrderedJson* json) {
  (*json)["start"] = begin < end ? OrderedJson(PointAt(context, begin)) : OrderedJson(nullptr);
  (*json)["end"] = begin < end ? OrderedJson(PointAt(context, end)) : OrderedJson(nullptr);
}

std::string PlaceText(const std::string& context, int64_t begin, int64_t end) {
  return begin < end ? Cat(PointAt(context, begin), " to ", PointAt(context, end)) : "";
}

}  // namespace

OrderedJson AnswerJson(const QaData& data, const QaExample& example, const DecodedAnswer& answer) {
  const std::string& context = data.Context(example);
  OrderedJson json = {{"id", example.id}, {"answer", answer.text}, {"score", answer.score}};
  if (answer.has_null) {
    json["null_score"] = answer.null_score;
    json["null_odds"] = answer.null_odds;
  }
  AddPlace(context, answer.range.begin, answer.range.end, &json);
  json["n_best"] = OrderedJson::array();
  for (const SpanCandidate& candidate : answer.n_best) {
    OrderedJson one = {{"text", candidate.text},
                       {"probability", candidate.probability},
                       {"start_logit", candidate.start_logit},
                       {"end_logit", candidate.end_logit}};
    AddPlace(context, candidate.begin, candidate.end, &one);
    json["n_best"].push_back(std::move(one));
  }
  return json;
}

std::string AnswerText(const QaData& data, const QaExample& example, const DecodedAnswer& answer,
                       const DecodeOptions& decode, size_t shown) {
  const std::string& context = data.Context(example);
  std::string text = answer.text.empty() ? "no answer\n" : answer.text + "\n";
  text += Cat("\nscore       ", Fixed(answer.score, 3));
  if (answer.has_null) {
    text += Cat("\nnull score  ", Fixed(answer.null_score, 3), "\nnull odds   ", Fixed(answer.null_odds, 3));
    text += decode.allow_no_answer ? Cat(" (no answer above ", decode.null_threshold, ")\n")
                                   : " (not used: trained on data where every question has an answer)\n";
  } else {
    text += " (probability of the start times that of the end)\n";
  }
  if (!answer.text.empty()) {
    text +=
        Cat("characters  ", PlaceText(context, answer.range.begin, answer.range.end), " of the context\n");
  }
  Table table({{"probability", Align::kRight, 4},
               {"start logit", Align::kRight, 3},
               {"end logit", Align::kRight, 3},
               {"characters", Align::kLeft},
               {"answer", Align::kLeft}});
  for (size_t i = 0; i < std::min(shown, answer.n_best.size()); ++i) {
    const SpanCandidate& candidate = answer.n_best[i];
    table.AddRow({candidate.probability, candidate.start_logit, candidate.end_logit,
                  PlaceText(context, candidate.begin, candidate.end),
                  candidate.text.empty() ? "(no answer)" : Quoted(candidate.text, kTextShown)});
  }
  return text + "\n" + table.Print(TableFormat::kText);
}

}  // namespace bv::cli
