// Addresses: reading, joining, comparing. A thin layer over libcurl's URL parser, so that what is decided
// here is what libcurl will do. Plain functions, safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace bv::fetch {

// Scheme, host and port: who a secret may be sent to. The port is never empty.
struct Origin {
  std::string scheme, host, port;
  bool operator==(const Origin& other) const = default;
};

// Errors: kUsage for anything but an http or https address with a host.
Origin OriginOf(const std::string& url);

// The address that `reference` (of a Location header: whole, or relative to `base`) means. Errors: kData for
// what is no address, and for other schemes than http and https.
std::string Resolve(const std::string& base, const std::string& reference);

// An endpoint that a user gave, without slashes at its end. `where` names the option or variable in errors
// (kUsage): not http or https, holds a user name or password (they would be printed), a query or a fragment.
std::string CheckEndpoint(const std::string& url, const std::string& where);

// Percent-encodes everything but letters, digits and - _ . ~; `/` too.
std::string Encode(std::string_view text);

}  // namespace bv::fetch
