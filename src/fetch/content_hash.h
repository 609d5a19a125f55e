// What a file's content must be: the hashes that the hub gives as entity tags. It knows no network. Plain
// values and functions, safe from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bv::fetch {

enum class HashKind { kSha256, kGitBlobSha1 };

struct ContentHash {
  HashKind kind = HashKind::kSha256;
  std::string hex;  // lower case; also the content's name in a cache
};

// An ETag or X-Linked-Etag header: with or without quotes and the W/ that proxies add when they touch a
// response; 64 digits are a sha256 (large files), 40 a git blob's sha1. Nothing for any other text, so what
// is returned is safe as a file name.
std::optional<ContentHash> ParseEtag(std::string_view header);

// Streaming sha256. One owner.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(std::string_view bytes);
  std::string Hex();  // once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The hash of that kind of the whole file, in lower-case digits. Errors: kIo; kInterrupted.
std::string HashFile(const std::filesystem::path& path, HashKind kind);

}  // namespace bv::fetch
