// For tests only: run sets whose every answer is known. Question i has the context "alpha beta gamma delta"
// with words left out or repeated; its window is [CLS] q [SEP] and a piece per word.
#pragma once

#include <string>
#include <vector>

#include "analysis/run_set.h"

namespace bv::test {

inline const std::vector<std::string> kWords = {"alpha", "beta", "gamma", "delta"};
constexpr int kNone = -1;

// A question about a context of `words` words; gold: the word that answers it, or kNone.
struct Asked {
  int gold = kNone;
  int words = 4;
};

// What a run says: the logits of [CLS] and of each word, as start and as end. Words that are not named get
// -9.
struct Said {
  float null = 0;
  std::vector<float> words;
};

inline QaData MakeData(const std::vector<Asked>& questions) {
  QaData data;
  data.file = "dev.json";
  for (size_t i = 0; i < questions.size(); ++i) {
    std::string context;
    QaExample example;
    example.id = "q" + std::to_string(i);
    example.context = static_cast<int32_t>(i);
    for (int w = 0; w < questions[i].words; ++w) {
      if (w > 0) context += ' ';
      if (w == questions[i].gold)
        example.answers = {{kWords[static_cast<size_t>(w) % 4], static_cast<int64_t>(context.size())}};
      context += kWords[static_cast<size_t>(w) % 4];
    }
    example.impossible = questions[i].gold == kNone;
    data.contexts.push_back(context);
    data.examples.push_back(example);
  }
  SummariseAnswers(&data);
  return data;
}

// One window per question.
inline SpanLogits MakeLogits(const QaData& data, const std::vector<Said>& said) {
  SpanLogits logits;
  for (size_t i = 0; i < said.size(); ++i) {
    const std::string& context = data.contexts[i];
    logits.ranges.insert(logits.ranges.end(), {{0, 0}, {0, 1}, {0, 0}});
    logits.start.insert(logits.start.end(), {said[i].null, -9, -9});
    int32_t words = 0;
    for (size_t begin = 0; begin < context.size(); ++words) {
      const size_t end = std::min(context.find(' ', begin), context.size());
      logits.ranges.push_back({static_cast<int32_t>(begin), static_cast<int32_t>(end)});
      const auto w = static_cast<size_t>(words);
      logits.start.push_back(w < said[i].words.size() ? said[i].words[w] : -9);
      begin = end + 1;
    }
    logits.offsets.push_back(logits.pieces());
    logits.example.push_back(static_cast<int32_t>(i));
    logits.window.push_back(static_cast<int32_t>(i));
    logits.context.insert(logits.context.end(), {3, 3 + words});
  }
  logits.end = logits.start;
  return logits;
}

inline RunSet MakeSet(const std::vector<Asked>& questions) {
  RunSet set;
  set.data = MakeData(questions);
  set.origin = OriginOf(set.data, {{48, 8}, "00000000000000ff"});
  return set;
}

inline void AddRun(RunSet* set, const std::string& name, const std::vector<Said>& said) {
  set->runs.push_back({name, name, MakeLogits(set->data, said), {}, {}, {}});
  set->runs.back().decode.allow_no_answer = set->data.has_impossible;
  DecodeRun(*set, &set->runs.back());
}

}  // namespace bv::test
