// Answers one question with a trained head or a fine-tuned model: a complete program on bertvision's library.
//
//     answer RUN QUESTION CONTEXT
//
// Prints the answer, its place in the context in bytes and its score, or that the context holds none.
#include <bertvision/answerer.h>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s RUN QUESTION CONTEXT\n", argv[0]);
    return 2;
  }
  try {
    const bertvision::Answerer answerer(argv[1]);
    const bertvision::Answer answer = answerer.Ask(argv[2], argv[3]);
    if (answer.text.empty()) {
      std::printf("no answer\n");
    } else {
      std::printf("%s\n%lld to %lld, score %.6f\n", answer.text.c_str(), static_cast<long long>(answer.begin),
                  static_cast<long long>(answer.end), answer.score);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
  return 0;
}
