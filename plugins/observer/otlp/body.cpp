// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/body.hpp"

#include "plugins/observer/otlp/protobuf.hpp"

#include <zlib.h>

#include <utility>

namespace gatehouse::otlp {

namespace {

constexpr int fast = 1;               // spans repeat themselves, so that the best level gains little
constexpr int gzip_window = 15 + 16;  // zlib.h, deflateInit2(): 16 adds the header of gzip
constexpr int memory = 8;

/// `text` in the gzip format (RFC 1952).  Empty if zlib has no memory.
std::string gzip(std::string_view text) {
    z_stream stream{};
    if (deflateInit2(&stream, fast, Z_DEFLATED, gzip_window, memory, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(deflateBound(&stream, text.size()), '\0');
    // zlib does not write to its input, although it is not const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(complete ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

}  // namespace

http::Request with_body(http::Request request, std::string body) {
    request.body = std::move(body);
    if (request.headers.get("content-type") == protobuf_type) {
        if (auto bytes = to_protobuf(request.body))
            request.body = *std::move(bytes);
        else
            request.headers.set("content-type", "application/json");
    }
    if (request.headers.get("content-encoding") != "gzip") return request;
    if (std::string small = gzip(request.body); !small.empty())
        request.body = std::move(small);
    else
        request.headers.remove("content-encoding");
    return request;
}

}  // namespace gatehouse::otlp
