#include "fetch/content_hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"

namespace bv::fetch {
namespace {

constexpr size_t kSha256Digits = 64, kSha1Digits = 40;
constexpr size_t kBlock = size_t{1} << 20;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

Digest Begin(const EVP_MD* method) {
  Digest digest(EVP_MD_CTX_new());
  if (!digest || EVP_DigestInit_ex(digest.get(), method, nullptr) != 1)
    throw Error(ErrorKind::kInternal, Cat("libcrypto cannot compute ", EVP_MD_get0_name(method)));
  return digest;
}

void Add(const Digest& digest, const void* bytes, size_t size) {
  if (EVP_DigestUpdate(digest.get(), bytes, size) != 1)
    throw Error(ErrorKind::kInternal, "libcrypto cannot update a digest");
}

std::string Finish(const Digest& digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(digest.get(), bytes.data(), &size) != 1)
    throw Error(ErrorKind::kInternal, "libcrypto cannot finish a digest");
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += {kDigits[bytes[i] >> 4], kDigits[bytes[i] & 15]};
  return hex;
}

}  // namespace

std::optional<ContentHash> ParseEtag(std::string_view header) {
  header = TrimSpaces(header);
  if (header.starts_with("W/")) header.remove_prefix(2);
  if (header.size() >= 2 && header.front() == '"' && header.back() == '"')
    header = header.substr(1, header.size() - 2);
  const bool hex = std::all_of(header.begin(), header.end(),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!hex || (header.size() != kSha256Digits && header.size() != kSha1Digits)) return std::nullopt;
  return ContentHash{header.size() == kSha256Digits ? HashKind::kSha256 : HashKind::kGitBlobSha1,
                     std::string(header)};
}

struct Sha256::State {
  Digest digest;
};

Sha256::Sha256() : state_(new State{Begin(EVP_sha256())}) {}
Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
  Add(state_->digest, bytes.data(), bytes.size());
}

std::string Sha256::Hex() {
  return Finish(state_->digest);
}

std::string HashFile(const std::filesystem::path& path, HashKind kind) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError("cannot open", path.string());
  const Digest digest = Begin(kind == HashKind::kSha256 ? EVP_sha256() : EVP_sha1());
  if (kind == HashKind::kGitBlobSha1) {
    // Git hashes a header with the size before the content.
    std::string header = Cat("blob ", std::filesystem::file_size(path));
    header += '\0';
    Add(digest, header.data(), header.size());
  }
  std::vector<char> block(kBlock);
  while (file.read(block.data(), kBlock) || file.gcount() > 0) {
    Add(digest, block.data(), static_cast<size_t>(file.gcount()));
    if (InterruptRequested()) throw Error(ErrorKind::kInterrupted, "interrupted");
  }
  if (file.bad()) throw IoError("cannot read", path.string());
  return Finish(digest);
}

}  // namespace bv::fetch
