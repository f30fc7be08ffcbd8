"""State names: what people call states beside the words of Google's address data, where a state is needed.

They are the codes and names of ISO 3166-2 that the data lacks, the usual abbreviations, other scripts and
transliterations, former names, and the regions above the states. Words are compared folded (address_folding), so
that none needs its accents, its case or its "Province of".
"""

MORE_NAMES = {
    "AE": "Abu Zaby~Dubayy~Ash Shariqah~Al Fujayrah~Fujeirah~Ra's al Khaymah~Ras al Khaima~"
    "Umm al Qaywayn~Umm al Quwayn~RAK~UAQ~AUH~DXB~SHJ",
    "BR": "Brasilia",
    "CA": "Alta~Sask~Man~Ont~Que~PQ~YK~PEI~Nfld~NF~Newfoundland~Labrador~Terre-Neuve~NWT~C.-B.~Î.-P.-É.~"
    "N.-É.~T.-N.~T.-N.-L.~T.N.-O.",
    "CN": "AH~BJ~CQ~FJ~GD~GS~GX~GZ~HA~HB~HE~HI~HK~HL~HN~JL~JS~JX~LN~MO~NM~NX~QH~SC~SD~SH~SN~SX~TJ~TW~XJ~"
    "XZ~YN~ZJ~Guangxi~Guangxi Zhuang~Ningxia~Ningxia Hui~Xinjiang~Xinjiang Uygur~Xinjiang Uyghur~"
    "Xinjiang Weiwuer~Inner Mongolia~Nei Mongol~Tibet~Peking~Hong Kong SAR~Macao~Macao SAR~Macau SAR~"
    "廣東~廣西~重慶~甘肅~貴州~黑龍江~江蘇~遼寧~內蒙古~寧夏~山東~陝西~雲南~澳門~台灣",
    "CO": "Archipiélago de San Andrés~Bogotá D.C.~Bogotá Distrito Capital~Distrito Capital~"
    "Distrito Capital de Bogotá~Santafé de Bogotá~Guajira~San Andrés~"
    "San Andrés, Providencia y Santa Catalina~Valle~Norte Santander~N. de Santander",
    "ES": "Biscay~Navarre~Seville~Mallorca~Majorca~Menorca~Ibiza~Las Palmas de Gran Canaria~"
    "Sta. Cruz de Tenerife~S.C. Tenerife~Castellón de la Plana~Andalusia~Balearic Islands~"
    "Basque Country~Canary Islands~Islas Canarias~Valencian Community~Gerona~Orense~Baleares~Balears~"
    "Tenerife~Gran Canaria~Nafarroako~Nafarroa Garaia~Andalucía~Aragón~Canarias~Castilla y León~"
    "Castilla-La Mancha~Castilla La Mancha~Cataluña~Catalunya~Catalonia~Euskadi~Extremadura~Galicia~"
    "Galiza~País Vasco~Comunidad Valenciana~Comunitat Valenciana~Valenciana~AN~AR~AS~CB~CL~CM~CN~CT~EX~"
    "GA~IB~MC~MD~NC~PV~RI~VC",
    "ID": "Yogyakarta~DI Yogyakarta~DIY~Jogjakarta~Jakarta Raya~Bangka Belitung~Kepri~Moluccas~Jabar~"
    "Jateng~Jatim~Kalbar~Kalsel~Kaltara~Kalteng~Kaltim~NTB~NTT~Babel~Sulbar~Sulsel~Sulteng~Sultra~Sulut~"
    "Sumbar~Sumsel~Sumut~Papua Barat Daya~Papua Pegunungan~Papua Selatan~Papua Tengah~Southwest Papua~"
    "Highland Papua~South Papua~Central Papua~PD~PE~PS~PT",
    "IN": "A&N Islands~Andhra~Himachal~CG~OD~TS~UK~DD~DN~J&K~NCT of Delhi~"
    "National Capital Territory of Delhi~New Delhi~Orissa~Pondicherry~Uttaranchal~Chattisgarh~Telengana~"
    "Daman and Diu~Dadra and Nagar Haveli~Andaman~Bengal",
    "IT": "VCO~BAT~Massa e Carrara~Genoa~Mantua~Padua~Syracuse~South Tyrol~Aosta Valley~Apulia~Lombardy~"
    "Piedmont~Sardinia~Sicily~Tuscany~Piemonte~Valle d'Aosta~Vallée d'Aoste~Lombardia~"
    "Trentino-Alto Adige~Trentino~Alto Adige~Südtirol~Bozen~Veneto~Friuli Venezia Giulia~Liguria~"
    "Emilia-Romagna~Toscana~Umbria~Marche~Lazio~Abruzzo~Molise~Campania~Puglia~Basilicata~Calabria~"
    "Sicilia~Sardegna~21~23~25~32~34~36~42~45~52~55~57~62~65~67~72~75~77~78~82~88~Reggio nell'Emilia~"
    "Monza-Brianza~Monza~Pesaro-Urbino~Verbania~Forlì~Massa~FO~PS~Rome~Milan~Turin~Venice~Florence~"
    "Naples~Carbonia-Iglesias~Medio Campidano~Ogliastra~Olbia-Tempio~Sulcis Iglesiente~"
    "Gallura Nord-Est Sardegna~CI~OG~OT~VS",
    "JM": "Kingston and St. Andrew",
    "JP": "Gumma~Hokkaidou~Toukyou~Kyouto~Oosaka~Hyougo~Kouchi~Ooita",
    "KR": "Jeju Island~Jeonbuk~Jeonnam~Gyeongbuk~Gyeongnam~Chungbuk~Chungnam~North Jeolla~South Jeolla~"
    "North Gyeongsang~South Gyeongsang~North Chungcheong~South Chungcheong~Gangwon~Gyeonggi~Jeju~Cheju~"
    "Inchon~Kwangju~Kyonggi~Kangwon~Pusan~Taegu~Taejon",
    "MX": "Baja California Norte~DF~DIF~Distrito Federal~Mexico City~Edomex~Edo. Mex.~Coahuila~"
    "Michoacán de Ocampo~Querétaro de Arteaga~Q. Roo~Veracruz de Ignacio de la Llave~Veracruz-Llave",
    "NR": "Baitsi",
    "TW": "KIN~LIE~Taiwan~台湾~台灣~Matsu~Ilan~Chiai~Gaoxiong~Hualian~Jiayi~Jilong~Jinmen~Lianjiang~"
    "Pingdong~Taizhong~Xinbei~Xinzhu~Zhanghua~台东~宜兰~花莲~金门~屏东~桃园~连江~云林~嘉义",
    "US": "Ala~Ariz~Ark~Cal~Calif~Colo~Conn~Del~Fla~Ill~Ind~Kan~Kans~Mass~Mich~Minn~Miss~Mont~Neb~Nebr~"
    "Nev~N. Mex.~N. Dak.~S. Dak.~Okla~Ore~Oreg~Penn~Penna~Tenn~Tex~Wash~Wis~Wisc~W. Va.~Wyo~"
    "Washington, D.C.~Armed Forces Africa~Armed Forces Americas~Armed Forces Canada~Armed Forces Europe~"
    "Armed Forces Middle East~Armed Forces Pacific~Federated States of Micronesia~Northern Marianas~"
    "U.S. Virgin Islands~USVI~UM~United States Minor Outlying Islands~U.S. Minor Outlying Islands",
    "VE": "Caracas~Distrito Capital~La Guaira",
}
"""By country, separated like Google's own lists."""
