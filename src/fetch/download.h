// One file from one address to one place: resumed where an earlier attempt ended, tried again where the
// connection breaks, and checked by its hash before it gets its name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "fetch/content_hash.h"
#include "fetch/transfer.h"

namespace bv::fetch {

struct Wanted {
  std::string url;
  std::string token;
  std::string shown;  // in progress and messages, for example "org/name: config.json"
  ContentHash hash;
  int64_t bytes = -1;  // -1: not known before it is there
};

// Brings the content to `place`, whose lock the caller holds; nothing is asked of the network where it is
// already there. Gives back how many bytes came over the network. Errors: kIo (network, statuses of 400 and
// more in ErrorOf's words, disk), kData (another length or hash than wanted: nothing stays), kInterrupted
// (what has arrived stays).
int64_t Download(Transfer* transfer, const Wanted& wanted, const std::filesystem::path& place);

// What a body is, by its headers.
struct BodyPlace {
  int64_t begin = 0;   // of the file, in bytes
  int64_t total = -1;  // bytes of the whole file; -1: the server does not say
};

// Of an answer with status 200 or 206 to a request for bytes from `from` on: servers that ignore ranges
// answer with the whole file. Errors: kData for a 206 whose Content-Range is missing, broken, or begins
// behind `from`.
BodyPlace PlaceOf(const HttpResponse& response, int64_t from);

}  // namespace bv::fetch
