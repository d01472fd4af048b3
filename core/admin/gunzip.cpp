// SPDX-License-Identifier: Apache-2.0
#include "core/admin/gunzip.hpp"

#include <zlib.h>

#include <array>
#include <memory>

namespace gatehouse::core {

namespace {

constexpr int largest_window_of_gzip = 15 + 16;  // zlib's parameter

}  // namespace

std::optional<std::string> gunzip(std::string_view gzip, std::size_t max_bytes) {
    z_stream stream{};
    if (inflateInit2(&stream, largest_window_of_gzip) != Z_OK) return std::nullopt;
    const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
    stream.avail_in = static_cast<uInt>(gzip.size());
    std::string content;
    std::array<char, 32 * 1024> piece;
    for (int state = Z_OK; state != Z_STREAM_END;) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = piece.size();
        state = inflate(&stream, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END) return std::nullopt;
        content.append(piece.data(), piece.size() - stream.avail_out);
        if (content.size() > max_bytes) return std::nullopt;
    }
    return content;
}

}  // namespace gatehouse::core
