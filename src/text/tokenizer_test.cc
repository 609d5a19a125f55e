#include "text/tokenizer.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kVocab =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nplay\n##ing\n##ed\ncafe\nCafé\n!\n中\n[\n]\nsep\n";

Json TokenizerJson() {
  Json vocab;
  for (const std::string& piece : Split(kVocab, '\n')) {
    if (!piece.empty()) vocab[piece] = vocab.size();
  }
  return {
      {"truncation", {{"max_length", 2}}},
      {"padding", {{"strategy", {{"Fixed", 9}}}}},
      {"added_tokens", {{{"id", 3}, {"content", "[SEP]"}, {"special", true}, {"normalized", false}}}},
      {"normalizer",
       {{"type", "BertNormalizer"}, {"lowercase", true}, {"strip_accents", nullptr}, {"clean_text", true}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"model", {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"vocab", vocab}}}};
}

class TokenizerTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    WriteFileAtomically(folder_ / name, content);
  }
  Tokenizer Load(const TokenizerOptions& options = {}) { return Tokenizer::Load(folder_.path(), options); }
  std::vector<std::string> Pieces(const Tokenizer& tokenizer, std::string_view text) {
    std::vector<std::string> out;
    for (const int32_t id : tokenizer.Encode(text).ids) out.push_back(tokenizer.Piece(id));
    return out;
  }
  // The message of the error that loading ends in.
  std::string Failure(ErrorKind kind) {
    try {
      Load();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.what();
    }
    return "no error";
  }
  std::string JsonFailure(const Json& json, ErrorKind kind) {
    Write("tokenizer.json", json.dump());
    return Failure(kind);
  }

  test::ScratchFolder folder_;
};

TEST_F(TokenizerTest, CutsWordsIntoPiecesAndKnowsTheirBytes) {
  Write("vocab.txt", kVocab);
  const Tokenizer tokenizer = Load();
  const Encoding encoding = tokenizer.Encode("  Playing, CAFÉ中!");
  EXPECT_THAT(encoding.ids, ElementsAre(5, 6, 1, 8, 11, 10));
  EXPECT_THAT(encoding.ranges, ElementsAre(ByteRange{2, 6}, ByteRange{6, 9}, ByteRange{9, 10},
                                           ByteRange{11, 16}, ByteRange{16, 19}, ByteRange{19, 20}));
  EXPECT_EQ(tokenizer.cls_id(), 2);
  EXPECT_EQ(tokenizer.sep_id(), 3);
  EXPECT_EQ(tokenizer.pad_id(), 0);
  EXPECT_EQ(tokenizer.unk_id(), 1);
  EXPECT_EQ(tokenizer.vocab_size(), 15);
}

TEST_F(TokenizerTest, BrokenBytesAreDroppedAndRangesStayInTheOriginal) {
  Write("vocab.txt", kVocab);
  const Encoding encoding = Load().Encode("\xFFpla\xC3y\xE4\xB8 !");
  EXPECT_THAT(encoding.ids, ElementsAre(5, 10));
  EXPECT_THAT(encoding.ranges, ElementsAre(ByteRange{1, 6}, ByteRange{9, 10}));
}

TEST_F(TokenizerTest, EmptyAndBlankTextsHaveNoPieces) {
  Write("vocab.txt", kVocab);
  const Tokenizer tokenizer = Load();
  for (const char* text : {"", " ", "\n\t \r", "\u200b\u200b", "\u3000"})
    EXPECT_TRUE(tokenizer.Encode(text).ids.empty());
}

TEST_F(TokenizerTest, SpecialTokensInTextAreSpecialUnlessSwitchedOff) {
  Write("vocab.txt", kVocab);
  EXPECT_THAT(Pieces(Load(), "play[SEP]ed"), ElementsAre("play", "[SEP]", "[UNK]"));
  EXPECT_THAT(Pieces(Load({.special_tokens_in_text = false}), "[SEP]"), ElementsAre("[", "sep", "]"));
}

TEST_F(TokenizerTest, TokenizerConfigDecidesOverTokenizerJson) {
  Write("tokenizer.json", TokenizerJson().dump());
  EXPECT_THAT(Pieces(Load(), "Café"), ElementsAre("cafe"));
  Write("tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_THAT(Pieces(Load(), "Café"), ElementsAre("Café"));
  Write("tokenizer_config.json", R"({"do_lower_case": true, "strip_accents": false})");
  EXPECT_THAT(Pieces(Load(), "Café"), ElementsAre("[UNK]"));
  Write("tokenizer_config.json", R"({"tokenize_chinese_chars": false, "unk_token": {"content": "[MASK]"}})");
  EXPECT_THAT(Pieces(Load(), "play中"), ElementsAre("[MASK]"));
}

TEST_F(TokenizerTest, TruncationAndPaddingOfTheFileAreIgnored) {
  Write("tokenizer.json", TokenizerJson().dump());
  EXPECT_EQ(Load().Encode("play play play").ids.size(), 3U);
}

TEST_F(TokenizerTest, JsonAndTextOfOneVocabularyGiveOneTokenizer) {
  Write("vocab.txt", kVocab);
  const auto text = Tokenizer::Load(folder_ / "vocab.txt");
  Write("tokenizer.json", TokenizerJson().dump());
  const auto json = Tokenizer::Load(folder_ / "tokenizer.json");
  EXPECT_EQ(text.Encode("playing café").ids, json.Encode("playing café").ids);
}

TEST_F(TokenizerTest, WindowsLineEndsAreAccepted) {
  Write("vocab.txt", kVocab);
  const uint64_t fingerprint = Load().fingerprint();
  std::string crlf;
  for (const char c : kVocab) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  Write("vocab.txt", crlf + "\r\n");
  EXPECT_EQ(Load().fingerprint(), fingerprint);
}

TEST_F(TokenizerTest, FingerprintFollowsWhatDecidesIds) {
  Write("vocab.txt", kVocab);
  const uint64_t plain = Load().fingerprint();
  EXPECT_EQ(Load().fingerprint(), plain);
  EXPECT_NE(Load({.special_tokens_in_text = false}).fingerprint(), plain);
  Write("tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_NE(Load().fingerprint(), plain);
}

TEST_F(TokenizerTest, AddedTokensBeyondTheVocabularyGetTheirIds) {
  Json json = TokenizerJson();
  json["added_tokens"].push_back(
      {{"id", 15}, {"content", "<year>"}, {"special", false}, {"normalized", false}});
  Write("tokenizer.json", json.dump());
  const auto tokenizer = Load();
  EXPECT_EQ(tokenizer.vocab_size(), 16);
  EXPECT_THAT(Pieces(tokenizer, "play<year>!"), ElementsAre("play", "<year>", "!"));
}

TEST_F(TokenizerTest, BadVocabulariesAreRefusedWithTheirPlace) {
  EXPECT_THAT(Failure(ErrorKind::kIo), HasSubstr("neither tokenizer.json nor vocab.txt"));
  Write("vocab.txt", "");
  EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr("holds no pieces"));
  Write("vocab.txt", "[PAD]\n[UNK]\na\nb\na\n");
  EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr("'a' stands at line 3 and at line 5"));
  Write("vocab.txt", "[PAD]\n\n[UNK]\n");
  EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr("line 2 is empty"));
  Write("vocab.txt", "[PAD]\n\xFFz\n");
  EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr("line 2 is not UTF-8"));
  Write("vocab.txt", "[PAD]\n" + std::string(5000, 'x'));
  EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr("line 2 has 5000 bytes"));
  for (const std::string missing : {"[UNK]", "[CLS]", "[SEP]", "[PAD]"}) {
    std::string vocab = kVocab;
    vocab.replace(vocab.find(missing), missing.size(), "other");
    Write("vocab.txt", vocab);
    EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr(missing));
  }
}

TEST_F(TokenizerTest, BadJsonVocabulariesAreRefusedWithTheirPlace) {
  Write("tokenizer.json", "{\"model\": {");
  EXPECT_THAT(Failure(ErrorKind::kData), HasSubstr("not valid JSON"));
  Json json = TokenizerJson();
  json["model"]["vocab"]["play"] = 99;
  EXPECT_THAT(JsonFailure(json, ErrorKind::kData), HasSubstr("'play' has id 99"));
  json["model"]["vocab"]["play"] = 8;
  EXPECT_THAT(JsonFailure(json, ErrorKind::kData), HasSubstr("both have id 8"));
  json["model"]["vocab"]["play"] = "5";
  EXPECT_THAT(JsonFailure(json, ErrorKind::kData), HasSubstr("has id \"5\""));
  json["model"]["vocab"] = Json::array();
  EXPECT_THAT(JsonFailure(json, ErrorKind::kData), HasSubstr("'model.vocab' is array"));
  json = TokenizerJson();
  json["added_tokens"][0]["id"] = 4;
  EXPECT_THAT(JsonFailure(json, ErrorKind::kData), HasSubstr("'[SEP]' has id 4"));
  json["added_tokens"][0]["lstrip"] = true;
  EXPECT_THAT(JsonFailure(json, ErrorKind::kUnsupported), HasSubstr("'lstrip'"));
}

TEST_F(TokenizerTest, OtherKindsOfTokenizerAreRefusedByName) {
  Write("merges.txt", "");
  EXPECT_THAT(Failure(ErrorKind::kUnsupported), HasSubstr("BPE"));
  Json json = TokenizerJson();
  for (const char* kind : {"BPE", "Unigram", "WordLevel"}) {
    json["model"]["type"] = kind;
    EXPECT_THAT(JsonFailure(json, ErrorKind::kUnsupported), HasSubstr(kind));
  }
  json = TokenizerJson();
  json["normalizer"]["type"] = "Sequence";
  EXPECT_THAT(JsonFailure(json, ErrorKind::kUnsupported), HasSubstr("normalizer is of kind Sequence"));
  json = TokenizerJson();
  json["pre_tokenizer"]["type"] = "ByteLevel";
  EXPECT_THAT(JsonFailure(json, ErrorKind::kUnsupported), HasSubstr("ByteLevel"));
  fs::remove(folder_ / "tokenizer.json");
  Write("vocab.txt", kVocab);
  Write("tokenizer_config.json", R"({"tokenizer_class": "RobertaTokenizerFast"})");
  EXPECT_THAT(Failure(ErrorKind::kUnsupported), HasSubstr("RobertaTokenizer"));
}

TEST_F(TokenizerTest, ManyThreadsGetTheSameAnswer) {
  Write("vocab.txt", kVocab);
  const Tokenizer tokenizer = Load();
  const std::string text = "Playing [SEP] CAFÉ played 中!";
  const Encoding expected = tokenizer.Encode(text);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) EXPECT_EQ(tokenizer.Encode(text).ids, expected.ids);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace bv
