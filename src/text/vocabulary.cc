#include "text/vocabulary.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "text/utf8.h"

namespace bv {
namespace {

constexpr int64_t kMaxPieces = 10'000'000;
constexpr size_t kMaxPieceBytes = 1024;
const char* const kSupported = "this program reads BERT's WordPiece tokenizers";

Error Unsupported(const std::string& file, const std::string& found) {
  return Error(ErrorKind::kUnsupported, Cat(file, ": ", found, "; ", kSupported));
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint decoded = DecodeUtf8(text, i);
    if (decoded.code == unicode::kReplacement && text.substr(i, 3) != "\xEF\xBF\xBD") return false;
    i += static_cast<size_t>(decoded.bytes);
  }
  return true;
}

std::string_view StringOr(const Json& object, const char* key, std::string_view otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get_ref<const std::string&>() : otherwise;
}

bool BoolOr(const Json& object, const char* key, bool otherwise, const std::string& file) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  return RequireBool(object, key, file);
}

// What every source of pieces must satisfy; `place(i)` says where piece i stands.
template <typename Place>
void CheckPieces(const TokenizerFiles& files, const Place& place) {
  if (files.pieces.empty()) throw DataError(files.file, "holds no pieces");
  std::unordered_map<std::string_view, size_t> seen;
  for (size_t i = 0; i < files.pieces.size(); ++i) {
    const std::string& piece = files.pieces[i];
    if (piece.empty()) throw DataError(files.file, Cat(place(i), " is empty, a piece is needed"));
    if (piece.size() > kMaxPieceBytes) {
      throw DataError(files.file, Cat(place(i), " has ", piece.size(), " bytes, allowed are ", kMaxPieceBytes,
                                      "; it is probably not a vocabulary"));
    }
    if (!IsUtf8(piece)) throw DataError(files.file, Cat(place(i), " is not UTF-8: ", Quoted(piece)));
    const auto [first, is_new] = seen.try_emplace(piece, i);
    if (!is_new) {
      throw DataError(files.file, Cat("piece ", Quoted(piece), " stands at ", place(first->second),
                                      " and at ", place(i)));
    }
  }
}

// One piece a line; CRLF line ends and empty lines at the end are accepted.
void ReadVocabText(const fs::path& path, TokenizerFiles* files) {
  files->file = path.string();
  const std::string content = ReadFile(path);
  files->pieces = Split(content, '\n');
  for (std::string& piece : files->pieces) {
    if (piece.ends_with('\r')) piece.pop_back();
  }
  while (!files->pieces.empty() && files->pieces.back().empty()) files->pieces.pop_back();
  CheckPieces(*files, [](size_t i) { return Cat("line ", i + 1); });
}

void ReadModel(const Json& model, TokenizerFiles* files) {
  const std::string& file = files->file;
  if (!model.is_object()) throw DataError(file, "'model' is not an object");
  const bool merges = model.contains("merges");
  const std::string type(StringOr(model, "type", merges ? "BPE" : "WordPiece"));
  if (type != "WordPiece") throw Unsupported(file, Cat("the tokenizer is of kind ", type));
  files->unk = StringOr(model, "unk_token", files->unk);
  files->continuation_prefix = StringOr(model, "continuing_subword_prefix", files->continuation_prefix);
  if (model.contains("max_input_chars_per_word")) {
    files->max_chars_per_word =
        RequireInteger(model, "max_input_chars_per_word", 1, 1'000'000, file, "model");
  }
  const Json& vocab = RequireObject(model, "vocab", file, "model");
  const auto size = static_cast<int64_t>(vocab.size());
  files->pieces.assign(vocab.size(), "");
  for (const auto& [piece, id] : vocab.items()) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() >= size) {
      throw DataError(file, Cat("piece ", Quoted(piece), " has id ", id.dump(), ", with ", size,
                                " pieces the ids must be 0 to ", size - 1));
    }
    std::string& place = files->pieces[id.get<size_t>()];
    if (!place.empty()) {
      throw DataError(file,
                      Cat("pieces ", Quoted(place), " and ", Quoted(piece), " both have id ", id.dump()));
    }
    place = piece;
  }
  CheckPieces(*files, [](size_t i) { return Cat("id ", i); });
}

void ReadNormalizer(const Json& root, TokenizerFiles* files) {
  const Json& normalizer = RequireObject(root, "normalizer", files->file);
  const std::string type(StringOr(normalizer, "type", "?"));
  if (type != "BertNormalizer") throw Unsupported(files->file, Cat("the normalizer is of kind ", type));
  NormalizerOptions& options = files->normalizer;
  options.clean_text = BoolOr(normalizer, "clean_text", true, files->file);
  options.handle_chinese_chars = BoolOr(normalizer, "handle_chinese_chars", true, files->file);
  options.lowercase = BoolOr(normalizer, "lowercase", true, files->file);
  options.strip_accents = BoolOr(normalizer, "strip_accents", options.lowercase, files->file);
}

// Adds one entry of "added_tokens"; a token that is not in the vocabulary yet must have the next id.
void AddToken(const Json& token, int64_t id, TokenizerFiles* files) {
  const std::string& text = RequireString(token, "content", files->file, "added_tokens");
  for (const char* flag : {"single_word", "lstrip", "rstrip", "normalized"}) {
    if (BoolOr(token, flag, false, files->file)) {
      throw Unsupported(files->file, Cat("the added token ", Quoted(text), " has '", flag, "' set"));
    }
  }
  if (text.empty()) throw DataError(files->file, "an added token is empty");
  const auto size = static_cast<int64_t>(files->pieces.size());
  if (id == size) {
    files->pieces.push_back(text);
  } else if (id < 0 || id > size || files->pieces[static_cast<size_t>(id)] != text) {
    throw DataError(files->file, Cat("the added token ", Quoted(text), " has id ", id,
                                     ", which is another piece's or leaves a hole after ", size, " pieces"));
  }
  files->added.push_back({text, static_cast<int32_t>(id), BoolOr(token, "special", false, files->file)});
}

void ReadAddedTokens(const Json& root, TokenizerFiles* files) {
  if (!root.contains("added_tokens") || root["added_tokens"].is_null()) return;
  std::vector<std::pair<int64_t, const Json*>> tokens;
  for (const Json& token : RequireArray(root, "added_tokens", files->file)) {
    tokens.emplace_back(RequireInteger(token, "id", 0, kMaxPieces, files->file, "added_tokens"), &token);
  }
  std::sort(tokens.begin(), tokens.end());
  for (const auto& [id, token] : tokens) AddToken(*token, id, files);
}

void ReadTokenizerJson(const fs::path& path, TokenizerFiles* files) {
  files->file = path.string();
  const Json root = ReadJsonFile(path);
  ReadModel(RequireKey(root, "model", files->file), files);
  ReadNormalizer(root, files);
  const Json& splitter = RequireObject(root, "pre_tokenizer", files->file);
  const std::string type(StringOr(splitter, "type", "?"));
  if (type != "BertPreTokenizer") throw Unsupported(files->file, Cat("the pre-tokenizer is of kind ", type));
  ReadAddedTokens(root, files);
}

// "unk_token": "[UNK]" or {"content": "[UNK]", …}.
void ReadTokenName(const Json& config, const char* key, const std::string& file, std::string* name) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return;
  *name = found->is_object() ? RequireString(*found, "content", file, key) : RequireString(config, key, file);
}

// Options set beside the pieces. `bare`: the pieces are from vocab.txt, which says nothing else.
void ReadConfig(const fs::path& path, bool bare, TokenizerFiles* files) {
  const std::string file = path.string();
  const Json config = ReadJsonFile(path);
  if (!config.is_object())
    throw DataError(file, Cat("the top level is ", config.type_name(), ", an object is needed"));
  std::string kind(StringOr(config, "tokenizer_class", "BertTokenizer"));
  if (kind.ends_with("Fast")) kind.resize(kind.size() - 4);
  if (bare && kind != "BertTokenizer") throw Unsupported(file, Cat("tokenizer_class is ", kind));
  NormalizerOptions& options = files->normalizer;
  const bool lower_is_set = config.contains("do_lower_case");
  options.lowercase = BoolOr(config, "do_lower_case", options.lowercase, file);
  options.handle_chinese_chars = BoolOr(config, "tokenize_chinese_chars", options.handle_chinese_chars, file);
  const bool otherwise = lower_is_set ? options.lowercase : options.strip_accents;
  options.strip_accents = BoolOr(config, "strip_accents", otherwise, file);
  ReadTokenName(config, "unk_token", file, &files->unk);
  ReadTokenName(config, "cls_token", file, &files->cls);
  ReadTokenName(config, "sep_token", file, &files->sep);
  ReadTokenName(config, "pad_token", file, &files->pad);
  ReadTokenName(config, "mask_token", file, &files->mask);
}

// vocab.txt says nothing about special tokens: the five of BERT are found in texts, as far as it has them.
void AddDefaultTokens(TokenizerFiles* files) {
  for (const std::string& name : {files->pad, files->unk, files->cls, files->sep, files->mask}) {
    const auto found = std::find(files->pieces.begin(), files->pieces.end(), name);
    if (found == files->pieces.end()) continue;
    files->added.push_back({name, static_cast<int32_t>(found - files->pieces.begin()), true});
  }
}

// The kind of tokenizer that other files in a folder give away, or "".
std::string OtherKind(const fs::path& folder) {
  if (fs::exists(folder / "merges.txt")) return "byte-level BPE (merges.txt), as of RoBERTa or GPT-2";
  for (const char* name : {"sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model"}) {
    if (fs::exists(folder / name)) return Cat("SentencePiece (", name, ")");
  }
  return "";
}

}  // namespace

TokenizerFiles ReadTokenizerFiles(const fs::path& path) {
  TokenizerFiles files;
  const bool is_folder = fs::is_directory(path);
  const fs::path folder = is_folder ? path : path.parent_path();
  const bool is_json = is_folder ? fs::exists(folder / "tokenizer.json") : path.extension() == ".json";
  const fs::path source = is_folder ? folder / (is_json ? "tokenizer.json" : "vocab.txt") : path;
  if (is_json) {
    ReadTokenizerJson(source, &files);
  } else {
    if (is_folder && !fs::exists(source)) {
      if (const std::string kind = OtherKind(folder); !kind.empty()) {
        throw Unsupported(folder.string(), Cat("the tokenizer is ", kind));
      }
      throw Error(ErrorKind::kIo, Cat(folder.string(), ": has neither tokenizer.json nor vocab.txt"));
    }
    ReadVocabText(source, &files);
  }
  const fs::path config = folder / "tokenizer_config.json";
  if (fs::exists(config)) ReadConfig(config, !is_json, &files);
  if (!is_json) AddDefaultTokens(&files);
  return files;
}

}  // namespace bv
