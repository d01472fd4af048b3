// SPDX-License-Identifier: Apache-2.0
// The table of realms and regions.
#include "plugins/provider/oci/region/regions.hpp"

#include "plugins/provider/oci/text.hpp"

#include <gatehouse/edit_distance.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::oci {

namespace {

struct Row {
    std::string_view id, code, domain;
};

// clang-format off
constexpr Row region_table[] = {
    // oc1
    {"ap-chuncheon-1", "yny", "oraclecloud.com"},
    {"ap-mumbai-1", "bom", "oraclecloud.com"},
    {"ap-hyderabad-1", "hyd", "oraclecloud.com"},
    {"ap-seoul-1", "icn", "oraclecloud.com"},
    {"ap-sydney-1", "syd", "oraclecloud.com"},
    {"ap-melbourne-1", "mel", "oraclecloud.com"},
    {"ap-osaka-1", "kix", "oraclecloud.com"},
    {"ap-tokyo-1", "nrt", "oraclecloud.com"},
    {"ca-montreal-1", "yul", "oraclecloud.com"},
    {"ca-toronto-1", "yyz", "oraclecloud.com"},
    {"eu-frankfurt-1", "fra", "oraclecloud.com"},
    {"eu-zurich-1", "zrh", "oraclecloud.com"},
    {"sa-saopaulo-1", "gru", "oraclecloud.com"},
    {"uk-cardiff-1", "cwl", "oraclecloud.com"},
    {"uk-london-1", "lhr", "oraclecloud.com"},
    {"us-ashburn-1", "iad", "oraclecloud.com"},
    {"us-phoenix-1", "phx", "oraclecloud.com"},
    {"eu-amsterdam-1", "ams", "oraclecloud.com"},
    {"me-jeddah-1", "jed", "oraclecloud.com"},
    {"us-sanjose-1", "sjc", "oraclecloud.com"},
    {"me-dubai-1", "dxb", "oraclecloud.com"},
    {"sa-santiago-1", "scl", "oraclecloud.com"},
    {"sa-vinhedo-1", "vcp", "oraclecloud.com"},
    {"il-jerusalem-1", "mtz", "oraclecloud.com"},
    {"eu-marseille-1", "mrs", "oraclecloud.com"},
    {"ap-singapore-1", "sin", "oraclecloud.com"},
    {"me-abudhabi-1", "auh", "oraclecloud.com"},
    {"eu-milan-1", "lin", "oraclecloud.com"},
    {"eu-stockholm-1", "arn", "oraclecloud.com"},
    {"af-johannesburg-1", "jnb", "oraclecloud.com"},
    {"eu-paris-1", "cdg", "oraclecloud.com"},
    {"mx-queretaro-1", "qro", "oraclecloud.com"},
    {"eu-madrid-1", "mad", "oraclecloud.com"},
    {"us-chicago-1", "ord", "oraclecloud.com"},
    {"mx-monterrey-1", "mty", "oraclecloud.com"},
    {"us-saltlake-2", "aga", "oraclecloud.com"},
    {"sa-bogota-1", "bog", "oraclecloud.com"},
    {"sa-valparaiso-1", "vap", "oraclecloud.com"},
    {"ap-singapore-2", "xsp", "oraclecloud.com"},
    {"me-riyadh-1", "ruh", "oraclecloud.com"},
    {"ap-delhi-1", "onm", "oraclecloud.com"},
    {"ap-batam-1", "hsg", "oraclecloud.com"},
    {"eu-madrid-3", "orf", "oraclecloud.com"},
    {"eu-turin-1", "nrq", "oraclecloud.com"},
    {"ap-kulai-2", "jbp", "oraclecloud.com"},
    {"af-casablanca-1", "lej", "oraclecloud.com"},
    // oc2
    {"us-langley-1", "lfi", "oraclegovcloud.com"},
    {"us-luke-1", "luf", "oraclegovcloud.com"},
    // oc3
    {"us-gov-ashburn-1", "ric", "oraclegovcloud.com"},
    {"us-gov-chicago-1", "pia", "oraclegovcloud.com"},
    {"us-gov-phoenix-1", "tus", "oraclegovcloud.com"},
    // oc4
    {"uk-gov-london-1", "ltn", "oraclegovcloud.uk"},
    {"uk-gov-cardiff-1", "brs", "oraclegovcloud.uk"},
    // oc8
    {"ap-chiyoda-1", "nja", "oraclecloud8.com"},
    {"ap-ibaraki-1", "ukb", "oraclecloud8.com"},
    // oc9
    {"me-dcc-muscat-1", "mct", "oraclecloud9.com"},
    {"me-ibri-1", "ibr", "oraclecloud9.com"},
    // oc10
    {"ap-dcc-canberra-1", "wga", "oraclecloud10.com"},
    // oc14
    {"eu-dcc-milan-1", "bgy", "oraclecloud14.com"},
    {"eu-dcc-milan-2", "mxp", "oraclecloud14.com"},
    {"eu-dcc-dublin-2", "snn", "oraclecloud14.com"},
    {"eu-dcc-rating-2", "dtm", "oraclecloud14.com"},
    {"eu-dcc-rating-1", "dus", "oraclecloud14.com"},
    {"eu-dcc-dublin-1", "ork", "oraclecloud14.com"},
    // oc20
    {"eu-jovanovac-1", "beg", "oraclecloud20.com"},
    // oc19
    {"eu-madrid-2", "vll", "oraclecloud.eu"},
    {"eu-frankfurt-2", "str", "oraclecloud.eu"},
    // oc24
    {"eu-dcc-zurich-1", "avz", "oraclecloud24.com"},
    {"eu-crissier-1", "avf", "oraclecloud24.com"},
    // oc21
    {"me-dcc-doha-1", "doh", "oraclecloud21.com"},
    {"me-alrayyan-1", "vve", "oraclecloud21.com"},
    // oc26
    {"me-abudhabi-3", "ahu", "oraclecloud26.com"},
    {"me-alain-1", "rba", "oraclecloud26.com"},
    // oc15
    {"ap-dcc-gazipur-1", "dac", "oraclecloud15.com"},
    // oc29
    {"me-abudhabi-2", "rkt", "oraclecloud29.com"},
    {"me-abudhabi-4", "shj", "oraclecloud29.com"},
    // oc23
    {"us-somerset-1", "ebb", "oraclecloud23.com"},
    {"us-thames-1", "ebl", "oraclecloud23.com"},
    // oc35
    {"ap-seoul-2", "dtz", "oraclecloud35.com"},
    {"ap-suwon-1", "dln", "oraclecloud35.com"},
    {"ap-chuncheon-2", "bno", "oraclecloud35.com"},
    // oc42
    {"us-ashburn-2", "yxj", "oraclecloud42.com"},
    {"us-newark-1", "pgc", "oraclecloud42.com"},
    // oc51
    {"eu-budapest-1", "jsk", "oraclecloud51.com"},
    // oc52
    {"sa-riodejaneiro-1", "hnw", "oraclecloud52.com"},
};
// clang-format on

constexpr std::string_view oc1 = "oraclecloud.com";

}  // namespace

Region find_region(std::string_view name, std::string_view default_domain) {
    std::string wanted = lower_case(name);
    for (const Row& row : region_table)
        if (row.id == wanted || row.code == wanted)
            return {std::string(row.id), std::string(row.domain), true};
    return {std::move(wanted), std::string(default_domain.empty() ? oc1 : default_domain), false};
}

std::string nearest_region(std::string_view name) {
    constexpr std::size_t most_edits = 2;
    const std::string wanted = lower_case(name.substr(0, 100));
    std::string_view best;
    std::size_t best_distance = most_edits + 1;
    for (const Row& row : region_table)
        if (const std::size_t found = edit_distance(wanted, row.id); found < best_distance) {
            best = row.id;
            best_distance = found;
        }
    return std::string(best);
}

bool is_region_name(std::string_view name) {
    auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    };
    return !name.empty() && name.size() <= 200 && std::all_of(name.begin(), name.end(), fits) &&
           name.front() != '.' && name.back() != '.' && name.find("..") == name.npos;
}

std::string control_host(const Region& region, bool dual_stack) {
    const std::string service = "generativeai.";
    if (region.id.find('.') != std::string::npos) return service + region.id;
    return service + region.id + (dual_stack ? ".ds.oci." : ".oci.") + region.domain;
}

std::string inference_host(const Region& region, bool dual_stack) {
    return "inference." + control_host(region, dual_stack);
}

}  // namespace gatehouse::oci
